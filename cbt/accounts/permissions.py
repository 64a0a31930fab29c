"""What each role may do inside its body; whatever is not listed is refused."""

from __future__ import annotations

ROLES = (
    "author",
    "reviewer",
    "invigilator",
    "secretary",
    "member",
    "chair",
    "body_admin",
    "ministry_admin",
    "auditor",
)

# Stamps for views that ask for no role.
PUBLIC = "public"
CANDIDATE = "candidate"
STAFF = "staff"

_COMMISSION = frozenset({"commission:score:read", "commission:file:read"})

GRANTS: dict[str, frozenset[str]] = {
    "author": frozenset(
        {
            "bank:item:write",
            "assembly:blueprint:write",
            "assembly:form:draw",
        }
    ),
    "reviewer": frozenset(
        {
            "bank:item:approve",
            "assembly:blueprint:approve",
            "assembly:form:approve",
        }
    ),
    "invigilator": frozenset({"delivery:sitting:read", "delivery:room:manage"}),
    "secretary": frozenset(
        {"delivery:sitting:read", "delivery:sitting:manage", "delivery:candidate:register", "delivery:room:manage"}
    )
    | _COMMISSION
    | {"commission:score:export"},
    "member": _COMMISSION,
    "chair": _COMMISSION | {"commission:score:export"},
    "body_admin": frozenset(
        {"accounts:member:manage", "accounts:body:manage", "delivery:sitting:read", "audit:entry:read"}
    ),
    "ministry_admin": frozenset({"accounts:member:manage", "accounts:body:manage", "audit:entry:read"}),
    "auditor": frozenset({"audit:entry:read", "commission:score:read"}),
}

# Roles that make sense for each kind of body: only an oblast develops questions (AR r.13).
ROLES_OF_BODY: dict[str, tuple[str, ...]] = {
    "ministry": ("ministry_admin", "auditor"),
    "oblast": ("author", "reviewer", "invigilator", "secretary", "member", "chair", "body_admin", "auditor"),
    "rayon": ("invigilator", "secretary", "member", "chair", "body_admin", "auditor"),
}


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(GRANTS[role] for role in roles))

"""The player's modules joined into one script, so that a slow line pays for one request instead of eight."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Response, request

from cbt.web.assets import STATIC

_IMPORT = re.compile(r'^import (?:\{(?P<names>[^}]*)\}|\* as (?P<whole>\w+)) from "\./(?P<module>[\w-]+)\.js";$', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (?P<name>\w+))", re.M)
# Comments that stand on lines of their own: readers of the source want them, browsers do not.
_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*.*?\*/)\n", re.M | re.S)


@cache
def _script(entry: str) -> tuple[bytes, str]:
    text = joined(STATIC / "player", entry).encode()
    return text, sha256(text).hexdigest()[:20]


def script_version(entry: str) -> str:
    """What stands as `v` in the address of a script, so that a browser asks for each text once."""
    return _script(entry)[1]


def script_response(entry: str) -> Response:
    """The script of an entry of static/player, kept for ever under the address of its version."""
    text, version = _script(entry)
    response = Response(text, content_type="text/javascript; charset=utf-8")
    is_current = request.args.get("v") == version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "no-cache"
    response.set_etag(version)
    return response


def joined(folder: Path, entry: str) -> str:
    """`entry` and everything it imports as one module: each file in a scope of its own, in the order of need."""
    parts: dict[str, str] = {}
    _add(folder, entry, parts)
    return "".join(parts.values())


def _add(folder: Path, name: str, parts: dict[str, str]) -> None:
    source = (folder / f"{name}.js").read_text(encoding="utf-8")
    for found in _IMPORT.finditer(source):
        if found["module"] not in parts:
            _add(folder, found["module"], parts)
    exported = [found["name"] for found in _EXPORT.finditer(source)]
    body = _EXPORT.sub("", _IMPORT.sub(_binding, _COMMENT.sub("", source))).strip()
    if re.search(r"^(?:import|export)\b", body, re.M):
        raise ValueError(f"{name}.js imports or exports in a way that the bundle does not know")
    parts[name] = f"const {_variable(name)} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();\n"


def _binding(found: re.Match[str]) -> str:
    return f"const {found['whole'] or '{' + found['names'] + '}'} = {_variable(found['module'])};"


def _variable(module: str) -> str:
    return "module_" + module.replace("-", "_")

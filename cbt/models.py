"""Every mapped table in one import, for migrations and for start-up."""

from cbt.accounts import models as accounts
from cbt.assembly import models as assembly
from cbt.audit import models as audit
from cbt.bank import models as bank
from cbt.db import Base
from cbt.delivery import models as delivery
from cbt.results import models as results

metadata = Base.metadata
PACKAGES = (accounts, audit, bank, assembly, delivery, results)

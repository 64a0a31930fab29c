"""The one time zone of the country, from the pinned zone data and not the machine's, which may predate 2024-03-01."""

from __future__ import annotations

from importlib import resources
from zoneinfo import ZoneInfo

with resources.files("tzdata").joinpath("zoneinfo/Asia/Almaty").open("rb") as _data:
    COUNTRY_ZONE = ZoneInfo.from_file(_data, key="Asia/Almaty")

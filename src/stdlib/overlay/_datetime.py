"""`_datetime` by the names that programs import it for; the types are those of Lib's Python `datetime`."""

from _pydatetime import (
    MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo,
)

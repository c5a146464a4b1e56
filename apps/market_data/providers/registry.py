"""The vendors this installation can ask, by the code of their DataSource row."""

from __future__ import annotations

from apps.market_data.providers.base import Provider
from apps.market_data.providers.bcb_sgs.provider import BcbSgs
from apps.market_data.providers.brapi.provider import Brapi
from apps.market_data.providers.frankfurter.provider import Frankfurter
from apps.market_data.providers.ptax.provider import Ptax
from apps.market_data.providers.yahoo.provider import Yahoo

PROVIDERS: dict[str, type[Provider]] = {
    provider.name: provider for provider in (Brapi, Yahoo, BcbSgs, Ptax, Frankfurter)
}

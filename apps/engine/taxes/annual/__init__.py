"""The annual return: everything a Holder copies into it, made of the year's assessments."""

from apps.engine.taxes.annual.build import annual_return
from apps.engine.taxes.annual.codes import CodeBook
from apps.engine.taxes.annual.model import AnnualReturn

__all__ = ["AnnualReturn", "CodeBook", "annual_return"]

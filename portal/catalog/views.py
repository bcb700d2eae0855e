"""The catalogue as a page: what is sold, to whom, where and for how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, render_template

from portal.access.permissions import Permission
from portal.catalog.catalogue import Catalogue, catalogue
from portal.catalog.entries import Industry, Offering
from portal.catalog.selling import Sale, sale
from portal.core import clock
from portal.web.access import needs

blueprint = Blueprint("catalog", __name__, url_prefix="/center/catalogue")


@dataclass(frozen=True)
class IndustryLine:
    """A third-level code with the two above it, each only where it is new."""

    first: Industry | None
    second: Industry | None
    third: Industry


@blueprint.get("")
@needs(Permission.CATALOG_VIEW)
def index() -> str:
    """This function will show offerings, features, industry codes and provinces."""
    book = catalogue()
    return render_template(
        "catalog/index.html",
        book=book,
        open_in={code: _open_in(book, offering) for code, offering in book.offerings.items()},
        industries=list(_industry_lines(book)),
        summed=book.summed_target,
        announced=book.announced_target,
        difference=abs(Decimal(book.summed_target - book.announced_target)),
    )


def _open_in(book: Catalogue, offering: Offering) -> int:
    """In how many provinces the offering can be ordered today."""
    today = clock.today()
    return sum(sale(offering, [province], today) is Sale.OPEN for province in book.provinces.values())


def _industry_lines(book: Catalogue) -> Iterator[IndustryLine]:
    seen: set[str] = set()
    for code, entry in book.industries.items():
        if not entry.may_be_ordered_under:
            continue
        first, second, third = book.industry_path(code)
        yield IndustryLine(
            None if first.code in seen else first,
            None if second.code in seen else second,
            third,
        )
        seen |= {first.code, second.code}

"""The catalogue as a page: what is sold, to whom, where and for how much.

Business operation and the module layer each have an address of their own for it, because a permission is of one layer.
"""

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

blueprint = Blueprint("catalog", __name__)


@dataclass(frozen=True)
class IndustryLine:
    """A third-level code with the two above it, each only where it is new."""

    first: Industry | None
    second: Industry | None
    third: Industry


@blueprint.get("/center/catalogue")
@needs(Permission.CATALOG_VIEW)
def index() -> str:
    """This function will show offerings, features, industry codes and provinces."""
    return _page()


@blueprint.get("/admin/catalogue")
@needs(Permission.MODULE_CATALOG_VIEW)
def of_modules() -> str:
    """This function will show the same to the administrator of the application modules."""
    return _page()


def _page() -> str:
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

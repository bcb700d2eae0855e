"""Who there is: customers with their enterprises, staff and members, applications for enterprise IDs, jobs of installers, messages."""

from datetime import timedelta
from typing import Any

from bench.rows.made import Rows
from portal.accounts.models import Membership, User
from portal.core import clock
from portal.core.ids import new_id
from portal.core.models import Base
from portal.notify.models import Notice
from portal.tenants.applications.models import Application
from portal.tenants.installing.models import InstallationJob, InstallerPhone
from portal.tenants.models import BoxGroup, Channel, Customer, Tenant
from tests.world.cast import House

_FIRST_PHONE = 13_800_000_000


def add_tenants(rows: Rows, count: int) -> None:
    """This function will add `count` customers, each with one enterprise."""
    at = clock.now()
    for number in range(count):
        customer, tenant, group, channel = new_id(), new_id(), new_id(), f"{number + 1:032x}"
        name = f"第{number:05d}连锁酒店"
        rows.setdefault(Customer, []).append(
            {"id": customer, "name": name, "industry_code": "1401001", "created_at": at, "version": 1}
        )
        rows.setdefault(Tenant, []).append(
            {
                "id": tenant, "enterprise_id": f"{100_000_000_000 + number}", "name": f"{name}(全国酒店)", "short_name": name,
                "pinyin": f"liansuojiudian{number}", "customer_id": customer, "scope": "national", "business_type": "hotel",
                "created_at": at, "publication_lock": 0, "version": 1,
            }
        )  # fmt: skip
        rows.setdefault(Channel, []).append({"channel": channel, "tenant_id": tenant, "group_id": group})
        rows.setdefault(BoxGroup, []).append(
            {"tenant_id": tenant, "id": group, "name": name, "position": 0, "channel": channel, "version": 1}
        )


def add_staff(rows: Rows, count: int) -> None:
    """This function will add `count` people of the center's support."""
    for number in range(count):
        rows.setdefault(User, []).append({**_person(f"staff{number}"), "staff_role": "center_support"})


def add_members(rows: Rows, house: House, count: int) -> None:
    """This function will add `count` editors to an enterprise."""
    for number in range(count):
        person = _person(f"member{number}")
        rows.setdefault(User, []).append({**person, "staff_role": None})
        rows.setdefault(Membership, []).append(
            {
                "tenant_id": house.tenant.id,
                "id": new_id(),
                "user_id": person["id"],
                "role": "tenant_editor",
                "version": 1,
            }
        )


def add_applications(rows: Rows, count: int) -> None:
    """This function will add `count` applications of a province that came back to it, their people's names and numbers sealed."""
    at = clock.now()
    for number in range(count):
        row = Application(
            id=new_id(), province_code="33", state="returned", group_name=f"第{number:05d}酒店(浙江酒店)", pinyin=f"jiudian{number}",
            sub_product_code="35324025000000000033", scope="province", created_at=at, submitted_at=at, version=1,
        )  # fmt: skip
        row.contact_name, row.contact_phone, row.applicant_phone = "王经理", _phone(number), _phone(number + 1)
        row.server_address = "192.0.2.10"
        rows.setdefault(Application, []).append(_values(row))


def add_jobs(rows: Rows, house: House, count: int) -> None:
    """This function will add `count` open installation jobs with one installer each."""
    at, last_on = clock.now(), clock.today() + timedelta(days=30)
    for number in range(count):
        job_id = new_id()
        rows.setdefault(InstallationJob, []).append(
            {
                "tenant_id": house.tenant.id, "id": job_id, "group_id": house.root, "places": 10, "places_taken": 3, "last_on": last_on,
                "note": "", "opened_at": at, "version": 1,
            }
        )  # fmt: skip
        phone = InstallerPhone(tenant_id=house.tenant.id, id=new_id(), job_id=job_id)
        phone.name, phone.phone = "李师傅", _phone(number)
        rows.setdefault(InstallerPhone, []).append(_values(phone))


def add_notices(rows: Rows, house: House, count: int) -> None:
    """This function will add `count` messages to an enterprise's editor, every other one of them read."""
    at = clock.now()
    for number in range(count):
        rows.setdefault(Notice, []).append(
            {
                "id": new_id(), "tenant_id": house.tenant.id, "key": f"bench:{number}", "user_id": house.editor.id, "role": None,
                "text": "「%(title)s」已通过审核。", "params": {"title": f"通知 {number}"}, "link": "", "created_at": at,
                "read_at": at if number % 2 else None,
            }
        )  # fmt: skip


def _person(username: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "username": username,
        "display_name": f"员工 {username}",
        "pinyin": f"yuangong{username}",
        "created_at": clock.now(),
        "version": 1,
    }


def _phone(number: int) -> str:
    return str(_FIRST_PHONE + number)


def _values(row: Base) -> dict[str, Any]:
    """What stands in a row, its seals closed."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}

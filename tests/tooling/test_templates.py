import jinja2

from tools import templates


def test_templates_that_do_not_compile_are_named_with_their_line(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "good.html").write_text("{{ name | upper }}")
    (tmp_path / "room" / "open.html").write_text("{% if x %}\n")
    (tmp_path / "room" / "unknown.html").write_text("\n{{ name | shout }}")
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(tmp_path), autoescape=True)

    faults = list(templates.faults(environment, tmp_path))

    assert [fault[: fault.index(": ")] for fault in faults] == [
        "templates/room/open.html:1",
        "templates/room/unknown.html:2",
    ]
    assert faults[1].endswith("No filter named 'shout'.")

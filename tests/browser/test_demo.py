"""Somebody who only looks: from the front door to the reason of an average price."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.visitor import Visitor


def test_from_the_front_door_to_the_reason_of_an_average_price(visitor: Visitor) -> None:
    visitor.open_demo()
    page = visitor.page
    expect(page.get_by_text(re.compile("demonstração", re.I)).first).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Patrimônio em"))).to_be_visible()
    expect(page.locator(".big").first).to_contain_text("R$")
    # The chart is drawn from its own address.
    expect(page.locator("#evolution-title")).to_be_visible()
    expect(page.locator(".chart svg").first).to_be_visible(timeout=60_000)  # built by the worker

    page.get_by_role("navigation", name="Principal").get_by_role("link", name="Carteira").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Carteira")
    table = visitor.positions()
    assert {"AURD3", "LOGD11", "ORBTD"} <= set(table)

    page.locator("main").get_by_role("link", name="AURD3", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("AURD3")
    expect(page.locator(".chart svg").first).to_be_visible()
    average = page.locator(".stat", has_text="Preço médio").locator("a.why")
    shown = average.inner_text()
    assert re.fullmatch(r"[\d.]+,\d\d", shown)

    average.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    expect(panel.get_by_role("heading").first).to_contain_text("AURD3")
    # The last line of the story is the figure that was asked about, in full precision.
    last = panel.locator("tbody tr").last.locator("td").nth(3)
    expect(last).to_contain_text(shown[:-1])
    assert panel.locator("tbody tr").count() > 5
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(average).to_be_focused()

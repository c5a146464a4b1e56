"""Who may pass each door. An address that is not here fails the walk: say who may use it.

``read`` is the least role that may GET (``None``: GET is not answered), ``write`` the least role
whose unsafe methods are accepted (``None``: nothing writes). ``write="viewer"`` means that the
person changes things of their own only, never a record of the workspace.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    """What an address asks of whoever knocks."""

    scope: str  # public, person (whoever signed in) or workspace
    read: str | None = "viewer"
    write: str | None = None
    query: str = ""  # what the address needs behind its question mark
    why: str = ""


PUBLIC = Door("public")
PERSON = Door("person")
VIEW = Door("workspace")
EDIT = Door("workspace", write="editor")
FORM = Door("workspace", read="editor", write="editor")
ACTION = Door("workspace", read=None, write="editor")
OWNER = Door("workspace", read=None, write="owner")

OF_HOLDER = Door("workspace", query="holder={holder_id}")

TITULAR = "titular={holder_id}"
OF_TITULAR = Door("workspace", query=TITULAR)
NOTE = "conta={account_id}&data=2024-01-02"

DOORS: dict[str, Door] = {
    # Machines
    "health-live": PUBLIC,
    "health-ready": PUBLIC,
    "metrics": PUBLIC,
    "api-unknown": PUBLIC,
    # The API's own
    "api:schema": PUBLIC,
    "api:docs": PUBLIC,
    "api:auth-register": PUBLIC,
    "api:auth-token": PUBLIC,
    "api:auth-token-refresh": PUBLIC,
    "api:auth-logout": PUBLIC,
    "api:api-root": PERSON,
    "api:me": PERSON,
    # Here the address names the workspace, so a stranger finds nothing under the owner's.
    "api:workspace-list": PERSON,
    "api:workspace-detail": Door("workspace", write="owner"),
    "api:workspace-members": Door("workspace", write="owner"),
    "api:workspace-member": OWNER,
    # Workspaces in the API
    "api:holder-list": EDIT,
    "api:holder-detail": EDIT,
    "api:task-list": VIEW,
    "api:task-detail": VIEW,
    "api:asset-list": EDIT,
    "api:asset-detail": EDIT,
    "api:asset-terms": ACTION,
    "api:institution-list": EDIT,
    "api:institution-detail": VIEW,
    "api:account-list": EDIT,
    "api:account-detail": EDIT,
    "api:corporate-event-list": EDIT,
    "api:corporate-event-detail": EDIT,
    "api:position-list": VIEW,
    "api:position-detail": VIEW,
    "api:dashboard-list": VIEW,
    "api:dashboard-evolution-list": VIEW,
    "api:portfolio-list": EDIT,
    "api:portfolio-detail": EDIT,
    "api:portfolio-targets": ACTION,
    "api:asset-tag-detail": EDIT,
    "api:portfolio-performance": VIEW,
    "api:portfolio-series": VIEW,
    "api:portfolio-heatmap": VIEW,
    "api:portfolio-rolling": VIEW,
    "api:portfolio-risk": VIEW,
    "api:portfolio-allocation": VIEW,
    "api:portfolio-contributions": VIEW,
    "api:portfolio-income": VIEW,
    "api:portfolio-explain": Door("workspace", query="figure=twr"),
    "api:asset-performance": VIEW,
    "api:exports": VIEW,
    "api:export": VIEW,
    "api:export_all": VIEW,
    "api:transaction-list": EDIT,
    "api:transaction-detail": EDIT,
    "api:transaction-preview": ACTION,
    "api:income-list": VIEW,
    "api:income-detail": VIEW,
    "api:cash-movement-list": VIEW,
    "api:cash-movement-detail": VIEW,
    "api:brokerage-note-list": EDIT,
    "api:brokerage-note-detail": EDIT,
    "api:import-list": EDIT,
    "api:import-detail": EDIT,
    "api:import-lines": VIEW,
    "api:import-apply": ACTION,
    "api:import-undo": ACTION,
    "api:import-decide": ACTION,
    "api:import-answer": ACTION,
    "api:import-mapping": ACTION,
    "api:quote-list": VIEW,
    "api:quote-detail": VIEW,
    "api:quote-refresh": ACTION,
    "api:price-list": EDIT,
    "api:price-detail": EDIT,
    "api:fx-list": VIEW,
    "api:index-list": VIEW,
    # Taxes in the API
    "api:tax-month-list": VIEW,
    "api:tax-month-detail": OF_HOLDER,
    "api:tax-month-close": ACTION,
    "api:tax-month-reopen": ACTION,
    "api:tax-darf-list": VIEW,
    "api:tax-darf-detail": OF_HOLDER,
    "api:tax-darf-sheet": OF_HOLDER,
    "api:tax-darf-payments": ACTION,
    "api:tax-payment-detail": ACTION,
    "api:tax-annual-detail": OF_HOLDER,
    "api:tax-annual-pdf": OF_HOLDER,
    "api:tax-annual-xlsx": OF_HOLDER,
    "api:tax-year-detail": OF_HOLDER,
    "api:tax-year-xlsx": OF_HOLDER,
    "api:tax-abroad-detail": OF_HOLDER,
    "api:tax-rule-list": VIEW,
    "api:tax-date-list": VIEW,
    "api:tax-meter-list": VIEW,
    "api:tax-simulate-list": Door("workspace", None, "viewer", why="nothing is written"),
    "api:tax-raise-cash-list": Door("workspace", None, "viewer", why="nothing is written"),
    "api:tax-harvest-list": VIEW,
    "api:tax-after-tax-list": VIEW,
    "api:tax-settings": EDIT,
    "api:tax-opening": EDIT,
    "api:tax-link-list": FORM,
    "api:tax-link-detail": ACTION,
    # Opened by a secret address
    "taxes_site:calendar": PUBLIC,
    # An accountant's address: whoever has the token reads the taxes of one holder.
    **{
        f"taxes_site:{name}": PUBLIC
        for name in (
            *("home", "year", "month", "explain", "file", "annual", "abroad", "income"),
            *("fixed", "crypto", "darfs", "darf", "darf_pdf"),
        )
    },
    # Pages outside workspaces
    "site:landing": PUBLIC,
    "profile:workspaces": PERSON,
    # Settings
    "accounts:settings": Door("workspace", write="viewer", why="language and theme"),
    "accounts:workspace": Door("workspace", write="owner"),
    "accounts:members": Door("workspace", write="owner"),
    "accounts:member_role": OWNER,
    "accounts:member_remove": OWNER,
    "accounts:holders": EDIT,
    "accounts:holder_edit": FORM,
    "accounts:switcher": VIEW,
    "brokers:accounts": EDIT,
    "brokers:account_edit": FORM,
    "brokers:account_delete": ACTION,
    # Ledger
    "ledger:list": VIEW,
    "ledger:new": FORM,
    "ledger:preview": ACTION,
    "ledger:edit": FORM,
    "ledger:delete": FORM,
    "ledger:delete_many": ACTION,
    "ledger:asset_search": VIEW,
    "ledger:opening": FORM,
    "ledger:fees": VIEW,
    "ledger:note_new": Door("workspace", "editor", "editor", query=NOTE),
    "ledger:note_preview": Door("workspace", None, "editor", query=NOTE),
    "ledger:note_edit": FORM,
    "ledger:note_delete": FORM,
    "ledger:export": VIEW,
    "ledger:export_all": VIEW,
    # Imports
    "imports:list": EDIT,
    "imports:batch": VIEW,
    "imports:progress": VIEW,
    "imports:decide": ACTION,
    "imports:ignore": ACTION,
    "imports:proposals": ACTION,
    "imports:mapping": ACTION,
    "imports:apply": ACTION,
    "imports:undo": FORM,
    "imports:discard": ACTION,
    "imports:reconcile": EDIT,
    "imports:reconciliation": VIEW,
    # Positions
    "portfolios:positions": VIEW,
    "portfolios:positions_csv": VIEW,
    "portfolios:positions_xlsx": VIEW,
    "portfolios:refresh": ACTION,
    "portfolios:portfolios": VIEW,
    "portfolios:portfolio_new": FORM,
    "portfolios:portfolio_edit": FORM,
    "portfolios:portfolio_targets": FORM,
    "portfolios:portfolio_delete": FORM,
    "portfolios:asset_tags": ACTION,
    "portfolios:asset": VIEW,
    "portfolios:explain": VIEW,
    "portfolios:explain_total": VIEW,
    "portfolios:manual_price": ACTION,
    # Analyses
    "performance:returns": VIEW,
    "performance:risk": VIEW,
    "performance:allocation": VIEW,
    "performance:income": VIEW,
    "performance:asset": VIEW,
    "performance:explain": VIEW,
    "performance:state": VIEW,
    "performance:data": VIEW,
    "performance:asset_data": VIEW,
    # Taxes
    "taxes:home": VIEW,
    "taxes:year": VIEW,
    "taxes:month": OF_TITULAR,
    "taxes:close": ACTION,
    "taxes:reopen": ACTION,
    "taxes:explain": OF_TITULAR,
    "taxes:file": OF_TITULAR,
    "taxes:annual": VIEW,
    "taxes:abroad": VIEW,
    "taxes:income": VIEW,
    "taxes:fixed": VIEW,
    "taxes:crypto": VIEW,
    "taxes:darfs": VIEW,
    "taxes:darf": Door("workspace", write="editor", query=TITULAR),
    "taxes:darf_pdf": OF_TITULAR,
    "taxes:payment_delete": ACTION,
    "taxes:simulate": VIEW,
    "taxes:raise": VIEW,
    "taxes:harvest": VIEW,
    "taxes:after_tax": VIEW,
    "taxes:asset": VIEW,
    "taxes:tile": VIEW,
    "taxes:meter": VIEW,
    "taxes:settings": EDIT,
    "taxes:opening": FORM,
    "taxes:opening_delete": ACTION,
    "taxes:rules": VIEW,
    "taxes:links": EDIT,
    "taxes:revoke": ACTION,
    "taxes:calendar": EDIT,
    # Overview
    "dashboard:overview": VIEW,
    "dashboard:evolution": VIEW,
    "dashboard:evolution_table": VIEW,
    "dashboard:start": VIEW,
    "dashboard:issues": VIEW,
    "dashboard:notifications": Door("workspace", write="viewer", why="marks one's own as seen"),
    "dashboard:bell": VIEW,
    "dashboard:search": VIEW,
}

# Whole libraries, by the prefix of their names: sign-in pages know no workspace, and the admin is
# walked by its own test.
LIBRARIES = ("account_", "mfa_", "socialaccount_", "openid_connect_", "admin:")

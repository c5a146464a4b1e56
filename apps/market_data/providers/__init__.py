"""Market data vendors, one folder per integration with the same files.

========== ==================================================================
file       holds
========== ==================================================================
client     where the vendor lives and how one of its addresses is built
errors     what the vendor's refusals look like: body first, status second
parse      the vendor's shape to plain rows; no network, no clock
provider   the interface of :mod:`apps.market_data.providers.base`
fake       the vendor's shapes with invented figures, for tests and for
           ``manage.py fakeproviders``
========== ==================================================================

Nothing here knows the database, Redis or Celery.
"""

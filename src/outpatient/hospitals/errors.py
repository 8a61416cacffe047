"""How work on hospitals can be refused."""

from outpatient.core.errors import Conflict


class CurrencyInUse(Conflict):
    code, message = "CURRENCY_IN_USE", "Amounts were charged in this hospital's currency already; it cannot change"

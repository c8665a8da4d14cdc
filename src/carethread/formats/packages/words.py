"""The vocabularies of the inbox: why a package is returned, and whose move it is."""

from enum import StrEnum


class ReturnCode(StrEnum):
    """Why a package is returned."""

    UNREADABLE = "unreadable"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    INVALID_FIELD = "invalid_field"
    ROWS_DISAGREE = "rows_disagree"
    NO_ORDERS = "no_orders"
    KEY_REUSED_WITH_OTHER_CONTENT = "key_reused_with_other_content"
    PLAN_NOT_AUTHORISED = "plan_not_authorised"
    PERSON_DETAILS_CONFLICT = "person_details_conflict"
    PERSON_HAS_DIED = "person_has_died"
    RECORD_DISPOSED = "record_disposed"
    CANNOT_REPLACE = "cannot_replace"
    UNKNOWN_PROVIDER = "unknown_provider"
    PROVIDER_CLOSED = "provider_closed"
    UNKNOWN_CONTRACT = "unknown_contract"
    CONTRACT_OF_OTHER_PROVIDER = "contract_of_other_provider"
    STARTS_BEFORE_CONTRACT = "starts_before_contract"
    STARTS_AFTER_CONTRACT = "starts_after_contract"
    NO_TERMS = "no_terms"
    NO_RATE = "no_rate"
    UNKNOWN_COST_CENTRE = "unknown_cost_centre"
    UNKNOWN_LEDGER_CODE = "unknown_ledger_code"
    CODING_DOES_NOT_FIT = "coding_does_not_fit"
    ORDER_OF_OTHER_PERSON = "order_of_other_person"
    ORDER_OF_OTHER_CARE = "order_of_other_care"
    UNKNOWN_INCREASED_ORDER = "unknown_increased_order"
    OVERLAPS_EXISTING_ORDER = "overlaps_existing_order"
    DUPLICATE_CARE = "duplicate_care"


class Fixer(StrEnum):
    """Who must put right what a package was returned for."""

    SOCIAL_WORKER = "social_worker"
    BROKER = "broker"
    CONTRACT_MANAGER = "contract_manager"
    FINANCE = "finance"
    SYSTEM_ADMINISTRATOR = "system_administrator"

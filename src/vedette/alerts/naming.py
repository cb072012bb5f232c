"""What leads to an escalation policy: rules by its number, receivers by its name."""

from vedette.alerts import builtin
from vedette.alerts.store import rules as rule_store
from vedette.oncall.types import Policy


def rules(policy: Policy) -> tuple[str, ...]:
    """Return the rules that page by a policy, in words."""
    return tuple(f"The rule {rule.name}" for rule in rule_store.all_rules() if rule.policy == policy.id)


def receivers(policy: Policy) -> tuple[str, ...]:
    """Return the receivers that page by a policy, in words."""
    named = (each.name for each in builtin.table().receivers if policy.name in each.policies)
    return tuple(f"The receiver {name}" for name in named)

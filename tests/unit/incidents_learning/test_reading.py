"""Which steps a runbook has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.incidents.runbooks import reading
from vedette.incidents.types import RunbookStep, RunbookStepKind

TEXT = """# Checkout fails

- [ ] Is it one service?
  Look at [Monitors](/monitors/).

  Both of them.
- [x] Roll back
  ```sh
  vedette deploys rollback shop

  - [ ] not a step
  ```
  then watch
1. [ ] Drain the queue
    webhook: https://hooks.example/drain?q=1 (destructive)
* not a step
- [] neither

```
- [ ] nor this
```
- [ ] Tell customers
end
"""


def test_what_it_reads() -> None:
    assert reading.steps(TEXT) == (
        RunbookStep(text="Is it one service?", detail="Look at [Monitors](/monitors/).\n\nBoth of them."),
        RunbookStep(
            text="Roll back", detail="then watch", command="vedette deploys rollback shop\n\n- [ ] not a step"
        ),
        RunbookStep(
            text="Drain the queue",
            kind=RunbookStepKind.WEBHOOK,
            target="https://hooks.example/drain?q=1",
            destructive=True,
        ),
        RunbookStep(text="Tell customers"),
    )
    assert reading.problems(TEXT) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- [ ] x\n  webhook: ftp://a", "Line 1: a webhook is an http"),
        ("\n- [ ] x\n  webhook: https://u:p@a.example/", "Line 2: a webhook is an http"),
        ("- [ ] x\n  webhook: https://", "Line 1: a webhook is an http"),
        ("- [ ] x\n  agent: restart nginx", "Line 1: an agent does `agent: restart-shop on web1`"),
        ("- [ ] " + "x" * 201, "at most 200 characters"),
        ("- [ ] x\n" * 51, "It has 51 steps; at most 50."),
        ("x" * 100_001, "longer than 100000"),
    ],
)
def test_what_cannot_be_kept(text: str, said: str) -> None:
    assert said in " ".join(reading.problems(text))


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ("db-7.internal", "ssh db-7.internal"), ("2001:db8::7", "ssh 2001:db8::7"), ("a; rm -rf /", "ssh {host}"), ("$(x)", "ssh {host}"),
        ("-oProxyCommand=x", "ssh {host}"), ("", "ssh {host}"), ("a\nb", "ssh {host}"), ("`x`", "ssh {host}"), ("~root", "ssh {host}"),
    ],
)  # fmt: skip
def test_a_command_takes_no_more_than_a_word_from_outside(value: str, made: str) -> None:
    assert reading.filled("ssh {host}", {"host": value}) == made


@given(st.text(alphabet="-*1.[] x`~\n\tab:/(){}webhook", max_size=300))
def test_any_text_is_read(text: str) -> None:
    steps = reading.steps(text)
    assert all(step.text for step in steps)
    assert len(steps) == len(reading.steps(text + "\n"))
    reading.problems(text)

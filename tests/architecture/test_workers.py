"""What a module of end-to-end tests makes once must be made by one worker: each other one would make it again."""

from pathlib import Path

E2E = Path(__file__).parents[1] / "e2e"


def test_modules_that_share_something_stay_with_one_worker() -> None:
    sharing = [path for path in E2E.glob("test_*.py") if 'scope="module"' in path.read_text()]
    assert len(sharing) >= 8
    assert [path.name for path in sharing if "xdist_group(" not in path.read_text()] == []

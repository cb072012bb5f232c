from tests.support.cloud import Place
from tests.support.shop import shop
from vedette.deploy import service


def test_a_whole_shop_is_made_and_then_nothing_is_to_do(cloud: Place):
    planned, applied = cloud.applied(shop())
    assert not applied.problems
    assert not applied.left
    again = cloud.plan(shop())
    assert again.changes == (), service.text(again)

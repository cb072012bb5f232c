"""Our service worker in Chromium, pushed to by the developer tools: headless Chromium has no push service to subscribe at."""

import json
from typing import Any

from playwright.sync_api import Page

_SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(n => ({ title: n.title, body: n.body, tag: n.tag, actions: n.actions.map(a => a.title) }))"""
_REGISTER = """async () => {
  await navigator.serviceWorker.register('/sw.js', { scope: '/' });
  const { active } = await navigator.serviceWorker.ready;
  while (active.state !== 'activated') await new Promise(done => active.addEventListener('statechange', done, { once: true }));
}"""
_PRESS = """async action => {
  const [notification] = await registration.getNotifications();
  const event = new NotificationEvent("notificationclick", { notification, action });
  Object.defineProperty(event, "waitUntil", { value: done => done });
  dispatchEvent(event);
}"""


class Pushed:
    """The worker of one page's origin, which is registered there."""

    def __init__(self, page: Page) -> None:
        self._page, self._origin = page, page.evaluate("location.origin")
        registered: list[str] = []
        self._tools = page.context.new_cdp_session(page)
        self._tools.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda told: registered.extend(one["registrationId"] for one in told["registrations"]),
        )
        self._tools.send("ServiceWorker.enable")
        page.evaluate(_REGISTER)
        while not registered:
            page.wait_for_timeout(20)  # lets the driver hear of it
        self._id = registered[0]

    def push(self, notice: dict[str, Any]) -> None:
        """Let a notice arrive; again while none is shown, for a push that finds the worker starting may be lost.

        Not soon: a second one that comes late would be shown in place of what a button made of the first.
        """
        self._deliver(notice)
        waited = 0
        while not self._all():
            self._page.wait_for_timeout(50)
            waited += 1
            if waited % 200 == 0:
                self._deliver(notice)

    def _deliver(self, notice: dict[str, Any]) -> None:
        told = {"origin": self._origin, "registrationId": self._id, "data": json.dumps(notice)}
        self._tools.send("ServiceWorker.deliverPushMessage", told)

    def press(self, action: str) -> None:
        """Press a button of the notification that is shown; what a script makes has no `waitUntil` of its own."""
        self._page.context.service_workers[0].evaluate(_PRESS, action)

    def pressed(self, action: str, text: str) -> list[dict[str, Any]]:
        """Press a button until something bears what it makes: a notice that was let arrive twice may take its place meanwhile."""
        while True:
            self.press(action)
            for _ in range(500):
                found = self._all()
                if _bears(found, text):
                    return found
                self._page.wait_for_timeout(20)

    def shown(self, text: str) -> list[dict[str, Any]]:
        """Return the notifications once one bears this title, or this text within its own."""
        while not _bears(found := self._all(), text):
            self._page.wait_for_timeout(20)  # a wait of the page's own does not await what is asked
        return found

    def _all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._page.evaluate(_SHOWN)
        return found


def _bears(found: list[dict[str, Any]], text: str) -> bool:
    return any(one["title"] == text or text in one["body"] for one in found)

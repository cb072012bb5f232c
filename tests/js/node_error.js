// Reports with the real @sentry/node: `SENTRY_DSN=… node node_error.js caught|uncaught|message`.
const Sentry = require("@sentry/node");

Sentry.init({ release: "api@4.5.6", environment: "production", serverName: "node-1", sendDefaultPii: false });

function charge(order) {
  if (!order.card) throw new TypeError("order has no card", { cause: new Error("the form was empty") });
}

const programs = {
  caught() {
    Sentry.setUser({ id: "7" });
    Sentry.setTag("region", "eu");
    Sentry.addBreadcrumb({ category: "cart", message: "added tea", level: "info" });
    try {
      charge({});
    } catch (error) {
      Sentry.captureException(error);
    }
  },
  uncaught() {
    setTimeout(() => {
      throw new RangeError("nobody caught this in node");
    }, 10);
  },
  message() {
    Sentry.captureMessage("node says hello", "info");
  },
};

programs[process.argv[2]]();
if (process.argv[2] !== "uncaught") Sentry.flush(10000).then((sent) => process.exit(sent ? 0 : 1));

/** All routes of the server. */
import { systemTimers } from "@mainspring/engine";
import type { App, RouteContext } from "../app.js";
import { readPageFiles } from "../console/page-files.js";
import { createMetrics } from "../metrics/create-metrics.js";
import { addAdminRoutes } from "./admin-routes.js";
import { addCatalogRoutes } from "./catalog-routes.js";
import { addConsoleRoutes } from "./console-routes.js";
import { addFlagRoutes } from "./flag-routes.js";
import { addHeapRoutes } from "./heap-routes.js";
import { addInventoryRoutes } from "./inventory-routes.js";
import { addMetricsRoute, type MetricsAccess } from "./metrics-route.js";
import { addPlayerRoutes } from "./player-routes.js";
import { addQueueRoutes } from "./queue-routes.js";
import { addServiceRoutes } from "./service-routes.js";

export interface AllRoutesContext extends RouteContext {
  readonly metricsAccess: MetricsAccess;
}

export function addRoutes(app: App, { metricsAccess, ...context }: AllRoutesContext): void {
  addServiceRoutes(app, context);
  const metrics = createMetrics(context.look, () => systemTimers.nowMs());
  addMetricsRoute(app, { metrics, access: metricsAccess });
  addPlayerRoutes(app, context);
  addQueueRoutes(app, context);
  addInventoryRoutes(app, context);
  addCatalogRoutes(app, context);
  addAdminRoutes(app, context);
  addFlagRoutes(app, context);
  addHeapRoutes(app, context);
  addConsoleRoutes(app, readPageFiles());
}

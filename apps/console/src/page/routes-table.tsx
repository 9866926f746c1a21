/** Requests by route, where the server counts them. */
import type { Performance } from "../api/performance.js";
import { shown } from "../readings/units.js";
import { ColumnHeads } from "./column-heads.js";

/** The server knows its routes; those of an embedder come on top. */
const MAX_ROUTES = 40;

export function RoutesTable({ numbers: { httpStats } }: { readonly numbers: Performance }) {
  if (httpStats === null || httpStats === undefined) return null;
  const routes = Object.entries(httpStats.byRoute)
    .filter(([, { requests }]) => requests > 0)
    .sort(([, a], [, b]) => b.requests - a.requests)
    .slice(0, MAX_ROUTES);
  return (
    <div class="wide">
      <h2 id="routes">By route</h2>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="routes">
        <table>
          <caption>Counts since the start, times of the last minute.</caption>
          <ColumnHeads names={["Route", "Requests", "Wrong", "Failed", "p50", "p99"]} />
          <tbody>
            {routes.map(([name, { requests, clientErrors, serverErrors, p50Ms, p99Ms }]) => (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>{shown(requests, "count")}</td>
                <td>{shown(clientErrors, "count")}</td>
                <td>{shown(serverErrors, "count")}</td>
                <td>{shown(p50Ms, "ms")}</td>
                <td>{shown(p99Ms, "ms")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

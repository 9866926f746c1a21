/** What an expression of Prometheus's language is made of, by the parser of Prometheus's own pages. */
import { parser } from "@prometheus-io/lezer-promql";

export interface Expression {
  /** The places where it can't be parsed. */
  readonly mistakes: readonly string[];
  /** Each metric that it asks for, with the labels that it selects by. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** The labels that it groups by, or leaves out. */
  readonly groupings: readonly string[];
}

export function parsePromql(expression: string): Expression {
  const mistakes: string[] = [];
  const selectors: { metric: string; labels: string[] }[] = [];
  const groupings: string[] = [];
  parser.parse(expression).iterate({
    enter(node) {
      const text = expression.slice(node.from, node.to);
      const parent = node.node.parent?.name ?? "";
      if (node.type.isError) mistakes.push(`at ${node.from}: ${expression.slice(node.from, node.from + 20)}`);
      if (node.name === "VectorSelector") selectors.push({ metric: "", labels: [] });
      const selector = selectors.at(-1);
      if (node.name === "Identifier" && selector !== undefined) selector.metric = text;
      if (node.name === "LabelName" && parent === "GroupingLabels") groupings.push(text);
      else if (node.name === "LabelName") selector?.labels.push(text);
    },
  });
  return { mistakes, selectors, groupings };
}

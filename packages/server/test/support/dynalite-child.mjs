// A server that speaks DynamoDB's protocol, in a process of its own so that it can be killed: node dynalite-child.mjs PORT [FOLDER]
import dynalite from "dynalite";

const [port, path] = process.argv.slice(2);
const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(path && { path }) });
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`ready at http://127.0.0.1:${server.address().port}`);
});

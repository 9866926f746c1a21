/** Looks at the tables, and changes them, behind the store's back. */
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";

type Item = Record<string, AttributeValue>;

export interface RawItems {
  player(playerId: string): Promise<Item>;
  putPlayer(item: Item): Promise<void>;
  history(playerId: string): Promise<readonly Item[]>;
  /** As time to live does it, sooner or later. */
  clearHistory(playerId: string): Promise<void>;
}

export function rawItems(client: DynamoDBClient, tablePrefix: string): RawItems {
  const history = async (playerId: string): Promise<readonly Item[]> => {
    const query = new QueryCommand({
      TableName: `${tablePrefix}history`,
      KeyConditionExpression: "p = :p",
      ExpressionAttributeValues: { ":p": { S: playerId } },
      ConsistentRead: true,
    });
    return (await client.send(query)).Items ?? [];
  };
  return {
    history,
    async clearHistory(playerId) {
      for (const { p, k } of await history(playerId)) {
        if (p === undefined || k === undefined) continue;
        await client.send(new DeleteItemCommand({ TableName: `${tablePrefix}history`, Key: { p, k } }));
      }
    },
    async player(playerId) {
      const key = { TableName: `${tablePrefix}players`, Key: { p: { S: playerId } }, ConsistentRead: true };
      return (await client.send(new GetItemCommand(key))).Item ?? {};
    },
    async putPlayer(item) {
      await client.send(new PutItemCommand({ TableName: `${tablePrefix}players`, Item: item }));
    },
  };
}

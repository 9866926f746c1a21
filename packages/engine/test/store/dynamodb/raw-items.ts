/** Looks at the tables, and changes them, behind the store's back. */
import {
  type AttributeValue,
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
}

export function rawItems(client: DynamoDBClient, tablePrefix: string): RawItems {
  return {
    async player(playerId) {
      const key = { TableName: `${tablePrefix}players`, Key: { p: { S: playerId } }, ConsistentRead: true };
      return (await client.send(new GetItemCommand(key))).Item ?? {};
    },
    async putPlayer(item) {
      await client.send(new PutItemCommand({ TableName: `${tablePrefix}players`, Item: item }));
    },
    async history(playerId) {
      const query = new QueryCommand({
        TableName: `${tablePrefix}history`,
        KeyConditionExpression: "p = :p",
        ExpressionAttributeValues: { ":p": { S: playerId } },
        ConsistentRead: true,
      });
      return (await client.send(query)).Items ?? [];
    },
  };
}

/** Announcements on the channel: the stamp, which is the server's word, a line break, and what the sender wrote, in JSON. */
import type { Announcement, Sender, Subject } from "../remote.js";

/** What the sender writes; the script puts the stamp before it. */
export function announcementTail(sender: Sender, subject: Subject, note: string): string {
  return JSON.stringify([sender.member, sender.sequence, subject.group, subject.key, note]);
}

/** `null` for what is none: somebody else speaks on the channel. */
export function parseAnnouncement(message: string): Announcement | null {
  const end = message.indexOf("\n");
  const stampText = message.slice(0, Math.max(0, end));
  const numbers = /^(\d{1,16}):(\d{1,16})$/u.exec(stampText);
  if (numbers === null && stampText !== "-") return null;
  const parts = parseJson(message.slice(end + 1));
  if (!Array.isArray(parts)) return null;
  const [member, sequence, group, key, note] = parts as readonly unknown[];
  if (typeof member !== "string" || typeof sequence !== "number") return null;
  if (typeof group !== "string" || typeof key !== "string" || typeof note !== "string") return null;
  const stamp = numbers && { incarnation: Number(numbers[1]), version: Number(numbers[2]) };
  return { sender: { member, sequence }, subject: { group, key }, stamp, note };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

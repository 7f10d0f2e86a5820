-- Publishes the programs that the extension brings, through the same checks as any other.

UPDATE tradeup.program SET published_at = now();

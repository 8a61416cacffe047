// Screens on streams: opens each as it is asked to, and prints what they are told, one line of JSON for each message.
//
//   node streams.mjs '{"api": "http://…/api/v1", "streams": [{"path": "/sse/waiting-room/1", "by": "nothing"}]}'

import { EventSource } from "eventsource"; // browsers have it built in

const OVER = ["SIGNED_OUT", "CLOSED"]; // to come again is no use

// Whose EventSource can send headers shows his token so. Wherever the line breaks, it goes on there by itself.
function follow(address, token, hear) {
  const authorization = token ? { Authorization: `Bearer ${token}` } : {};
  const source = new EventSource(address, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...authorization } }),
  });
  source.onmessage = (message) => {
    const { type, data } = JSON.parse(message.data);
    hear(type, data, message.lastEventId);
    if (type === "bye" && OVER.includes(data.reason)) source.close();
  };
  return source;
}

// A browser's EventSource sends no headers: it shows a ticket. A ticket opens one stream, so each time it takes another.
async function followByTicket(api, path, token, hear) {
  for (let last = ""; ; await new Promise((goOn) => setTimeout(goOn, 1000))) {
    try {
      const headers = { Authorization: `Bearer ${token}` };
      const answer = await fetch(`${api}/stream-tickets`, { method: "POST", headers });
      if (answer.status === 401) return; // signed out
      const { ticket } = (await answer.json()).data;
      const source = new EventSource(`${api}${path}?${new URLSearchParams({ ticket, lastEventId: last })}`);
      await new Promise((end) => {
        source.onerror = end;
        source.onmessage = (message) => {
          const { type, data } = JSON.parse(message.data);
          last = message.lastEventId || last;
          hear(type, data, message.lastEventId);
        };
      });
      source.close();
    } catch (broken) {
      hear("broken", broken.message); // the server is away: later
    }
  }
}

const { api, streams } = JSON.parse(process.argv[2]);
for (const { path, by, token } of streams) {
  const hear = (...told) => console.log(JSON.stringify([path, ...told]));
  if (by === "ticket") followByTicket(api, path, token, hear);
  else follow(`${api}${path}`, by === "header" ? token : null, hear);
}

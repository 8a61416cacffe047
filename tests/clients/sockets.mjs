// A screen on Socket.IO: joins its rooms, and prints what it is told, one line of JSON for each message.
//
//   node sockets.mjs '{"address": "http://…", "token": "…", "rooms": [["join_queue_room", {"clinic_id": 1}]]}'

import { io } from "socket.io-client";

// Whoever lost his line comes back by himself, joins again, and is shown the queue as it is then.
function watch(address, token, rooms, hear, options = {}) {
  const socket = io(address, { auth: (show) => show({ token }), ...options });
  socket.on("connect", () => {
    for (const [event, room] of rooms) {
      socket.emit(event, room, (answer) => hear(event, answer)); // {joined} or {error}
    }
  });
  socket.onAny(hear); // queue_updated, new_checkin, appointment_created …
  socket.on("connect_error", (error) => hear("connect_error", error.message));
  socket.on("disconnect", (reason) => hear("disconnect", reason));
  return socket;
}

const { address, token, rooms, options } = JSON.parse(process.argv[2]);
watch(address, token, rooms, (...told) => console.log(JSON.stringify(told)), options);

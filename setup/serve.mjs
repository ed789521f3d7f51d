// Serves what is built, without building: for tests and for a quick second look.
import { listen } from "./serve/listen.mjs";
import { readPort } from "./serve/port.mjs";

const { address } = await listen(readPort(process.env.PORT));
console.log(address);

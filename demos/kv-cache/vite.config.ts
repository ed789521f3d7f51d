import { alone } from "../form/alone.ts";

export default alone(import.meta.url);

import { walkthroughConfig } from "../kit/build/vite-config.ts";

export default walkthroughConfig(import.meta.url);

/** Version of this package; a test compares it with package.json and Cargo.toml. */
export const packageVersion = "0.1.0";

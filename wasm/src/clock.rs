//! Milliseconds that only grow. The standard library's clock panics on wasm32-unknown-unknown, so
//! there the host lends its own.

#[cfg(target_arch = "wasm32")]
mod host {
    // Declares that the host's `now` may be called freely: it takes and gives plain numbers.
    #[allow(unsafe_code)]
    #[link(wasm_import_module = "host")]
    unsafe extern "C" {
        #[link_name = "now"]
        pub safe fn now() -> f64;
    }
}

/// Milliseconds since some moment before.
#[cfg(target_arch = "wasm32")]
pub fn now() -> f64 {
    host::now()
}

/// Milliseconds since some moment before.
#[cfg(not(target_arch = "wasm32"))]
pub fn now() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}

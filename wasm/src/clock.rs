//! A monotonic clock, in milliseconds. The standard library's clock panics on
//! wasm32-unknown-unknown, so the host provides one there.

#[cfg(target_arch = "wasm32")]
mod host {
    // Safe to call: it takes and returns plain numbers.
    #[allow(unsafe_code)]
    #[link(wasm_import_module = "host")]
    unsafe extern "C" {
        #[link_name = "now"]
        pub safe fn now() -> f64;
    }
}

/// Milliseconds since an arbitrary moment.
#[cfg(target_arch = "wasm32")]
pub fn now() -> f64 {
    host::now()
}

/// Milliseconds since an arbitrary moment.
#[cfg(not(target_arch = "wasm32"))]
pub fn now() -> f64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}

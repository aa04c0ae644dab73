//! The proof that `mindos-core` needs no std: a static library with a panic handler of its own.
//!
//! std brings a panic handler too, so that a dependency which pulls std in makes the item a
//! duplicate and the build fails. This holds only where panics abort (unwinding needs std), hence
//! the `cfg`: build it as `.ci/run` does, with `CARGO_PROFILE_RELEASE_PANIC=abort`. In an ordinary
//! workspace build, whose features are unified with the lab's, the crate is empty.
#![cfg_attr(panic = "abort", no_std)]

#[cfg(panic = "abort")]
mod proof {
    use core::alloc::{GlobalAlloc, Layout};
    use core::panic::PanicInfo;

    // Named, so that the compiler loads the core and all that it depends on.
    use mindos_core as _;

    #[cfg(feature = "negative-control")]
    extern crate std;

    struct NoMemory;

    // SAFETY: `alloc` may fail by returning null, and always does; nothing is ever handed out that
    // `dealloc` could be given back.
    unsafe impl GlobalAlloc for NoMemory {
        unsafe fn alloc(&self, _: Layout) -> *mut u8 {
            core::ptr::null_mut()
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    }

    #[global_allocator]
    static ALLOCATOR: NoMemory = NoMemory;

    #[panic_handler]
    fn panic(_: &PanicInfo<'_>) -> ! {
        loop {
            core::hint::spin_loop();
        }
    }

    /// Keeps the default provider in the library.
    // SAFETY: no other crate defines a symbol of this name.
    #[cfg(feature = "default-crypto")]
    #[unsafe(no_mangle)]
    pub extern "C" fn mindos_nostd_proof(byte: u8) -> u8 {
        use mindos_core::crypto::{Crypto, DEFAULT};

        let mut buf = DEFAULT.hash(&[&[byte]]);
        let signature = DEFAULT.sign(&buf, &buf);
        let shared = DEFAULT.dh(&buf, &DEFAULT.dh_public(&buf)).unwrap_or_default();
        let tag = DEFAULT.seal(&shared, 0, &signature, &mut buf);
        tag.iter().fold(0, |sum, byte| sum ^ byte)
    }
}

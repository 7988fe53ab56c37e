//! Makes the folder of the browser client, so that `cargo build` works before the client was built.

fn main() {
    // Only the folder: a file in it would tell `make` that the client is built.
    let made = std::fs::create_dir_all("web/dist");
    if let Err(error) = made {
        println!("cargo::error=web/dist cannot be made: {error}");
    }
    println!("cargo::rerun-if-changed=web/dist");
}

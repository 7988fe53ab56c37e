//! Makes the folders of the browser client and of the API's reference, so that `cargo build` works before they were built.

fn main() {
    for folder in ["web/dist", "web/dist-reference"] {
        // Only the folder: a file in it would tell `make` that the client is built.
        let made = std::fs::create_dir_all(folder);
        if let Err(error) = made {
            println!("cargo::error={folder} cannot be made: {error}");
        }
        println!("cargo::rerun-if-changed={folder}");
    }
}

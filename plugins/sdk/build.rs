//! Writes down which compiler and which SDK a plugin was built with, for its manifest.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = String::from_utf8(Command::new(compiler).arg("--version").output()?.stdout)?;
    let text = serde_free_json(&env::var("CARGO_PKG_VERSION")?, version.trim());
    let code = format!(
        "/// The last members of every manifest, as one literal.\n\
         #[doc(hidden)]\n#[macro_export]\nmacro_rules! __versions {{ () => {{ {text:?} }}; }}\n"
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join("versions.rs"), code)?;
    Ok(())
}

/// Two JSON members; neither text can hold a quotation mark or a backslash that would have to be escaped.
fn serde_free_json(sdk: &str, compiler: &str) -> String {
    let plain = |text: &str| text.replace(['"', '\\'], "");
    format!(r#""sdk":"{}","rustc":"{}""#, plain(sdk), plain(compiler))
}

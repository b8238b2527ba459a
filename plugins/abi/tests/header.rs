//! The header and the Rust structs describe the same bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::mem::{offset_of, size_of};
use std::path::Path;
use std::process::Command;

use permanence_plugin_abi::{
    ABI_MAJOR, ABI_MINOR, Bytes, HostV1, MAGIC_V1, PluginV1, Sink, operation, status,
};

/// A C program that prints, with the header's own words, what [`as_rust_sees_it`] prints.
const PROGRAM: &str = r#"
#include <stdio.h>
#include "permanence_plugin.h"
#define SIZE(type) printf(#type " %zu\n", sizeof(type))
#define AT(type, field) printf(#type "." #field " %zu\n", offsetof(type, field))
#define NUMBER(name) printf(#name " %lld\n", (long long)(name))
int main(void) {
  SIZE(pmn_bytes); AT(pmn_bytes, ptr); AT(pmn_bytes, len);
  SIZE(pmn_sink); AT(pmn_sink, ctx); AT(pmn_sink, write);
  SIZE(pmn_host_v1); AT(pmn_host_v1, struct_size); AT(pmn_host_v1, abi_major); AT(pmn_host_v1, abi_minor);
  AT(pmn_host_v1, ctx); AT(pmn_host_v1, log); AT(pmn_host_v1, max_level); AT(pmn_host_v1, reserved);
  SIZE(pmn_plugin_v1); AT(pmn_plugin_v1, magic); AT(pmn_plugin_v1, struct_size); AT(pmn_plugin_v1, abi_major);
  AT(pmn_plugin_v1, abi_minor); AT(pmn_plugin_v1, flags); AT(pmn_plugin_v1, reserved); AT(pmn_plugin_v1, manifest);
  AT(pmn_plugin_v1, create); AT(pmn_plugin_v1, destroy); AT(pmn_plugin_v1, call);
  NUMBER(PMN_MAGIC_V1); NUMBER(PMN_ABI_MAJOR); NUMBER(PMN_ABI_MINOR);
  NUMBER(PMN_FLAG_UNWIND); NUMBER(PMN_FLAG_SERIAL);
  NUMBER(PMN_OK); NUMBER(PMN_UNSUPPORTED); NUMBER(PMN_BAD_REQUEST); NUMBER(PMN_RULE_ERROR);
  NUMBER(PMN_INTERNAL); NUMBER(PMN_PANIC); NUMBER(PMN_OUTPUT_LIMIT);
  NUMBER(PMN_OP_RULEBOOK); NUMBER(PMN_OP_CODED);
  return 0;
}
"#;

#[test]
fn the_header_and_the_structs_agree() {
    assert_eq!(as_c_sees_it(), as_rust_sees_it());
}

fn as_c_sees_it() -> String {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("layout.c");
    let program = folder.path().join("layout");
    std::fs::write(&source, PROGRAM).unwrap();
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let compiled = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-I"])
        .arg(include)
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .output()
        .expect("a C compiler, which linking Rust needs too");
    assert!(
        compiled.status.success(),
        "{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    String::from_utf8(Command::new(program).output().unwrap().stdout).unwrap()
}

fn as_rust_sees_it() -> String {
    let mut text = String::new();
    macro_rules! layout {
        ($name:literal, $type:ty, $($field:ident)*) => {
            writeln!(text, "{} {}", $name, size_of::<$type>()).unwrap();
            $(writeln!(text, "{}.{} {}", $name, stringify!($field), offset_of!($type, $field)).unwrap();)*
        };
    }
    macro_rules! numbers {
        ($($name:literal $value:expr;)*) => { $(writeln!(text, "{} {}", $name, $value).unwrap();)* };
    }
    layout!("pmn_bytes", Bytes, ptr len);
    layout!("pmn_sink", Sink, ctx write);
    layout!("pmn_host_v1", HostV1, struct_size abi_major abi_minor ctx log max_level reserved);
    layout!("pmn_plugin_v1", PluginV1, magic struct_size abi_major abi_minor flags reserved manifest create destroy call);
    numbers! {
        "PMN_MAGIC_V1" MAGIC_V1;
        "PMN_ABI_MAJOR" ABI_MAJOR;
        "PMN_ABI_MINOR" ABI_MINOR;
        "PMN_FLAG_UNWIND" permanence_plugin_abi::FLAG_UNWIND;
        "PMN_FLAG_SERIAL" permanence_plugin_abi::FLAG_SERIAL;
        "PMN_OK" status::OK;
        "PMN_UNSUPPORTED" status::UNSUPPORTED;
        "PMN_BAD_REQUEST" status::BAD_REQUEST;
        "PMN_RULE_ERROR" status::RULE_ERROR;
        "PMN_INTERNAL" status::INTERNAL;
        "PMN_PANIC" status::PANIC;
        "PMN_OUTPUT_LIMIT" status::OUTPUT_LIMIT;
        "PMN_OP_RULEBOOK" operation::RULEBOOK;
        "PMN_OP_CODED" operation::CODED;
    }
    text
}

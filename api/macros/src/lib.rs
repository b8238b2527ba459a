//! The two attributes that keep code and API description one thing.
//!
//! `#[op]` goes on a handler: method, path and tag are said once, the rest of its description comes from the types in its signature.
//! `#[dto]` goes on a type of the wire: constraints are said once, and become both the check and the schema.
//! Neither knows anything of the domain, and neither writes anything that its reader could not have written by hand.

mod dto;
mod op;
mod rule;

use proc_macro::TokenStream;

/// Describes and registers a handler.
///
/// ```text
/// /// Read one case
/// ///
/// /// Answers with the case as it stands now.
/// #[op(get "/v1/councils/{council}/cases/{caseId}", tag = "Cases")]
/// async fn get_case(who: Authz<scope::CasesRead>, path: Path<CasePath>, state: State) -> Reply<Tagged<CaseView>> { .. }
/// ```
///
/// The operation id is the function's name in camel case (`id = "..."` says otherwise), its summary the first line of its documentation.
/// A handler takes `Authz<..>` or `Caller<..>`, or says `public`.
/// `also(409, 503)` adds problems that its own work can end in; those of its extractors and of its return type are there already.
/// `status = "alpha"` says how settled it is ("beta" unless said).
#[proc_macro_attribute]
pub fn op(attribute: TokenStream, item: TokenStream) -> TokenStream {
    op::expand(attribute.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Makes a type one of the wire.
///
/// `#[dto]` is written by the server, `#[dto(input)]` is read by it and refuses unknown members, `#[dto(both)]` is both,
/// `#[dto(query)]` are query parameters (`#[dto(query, paged)]` adds `cursor` and `limit`), `#[dto(path)]` path parameters,
/// `#[dto(code)]` an enum of codes in snake case.
///
/// `#[rule(len(1, 200))]`, `#[rule(items(0, 50))]`, `#[rule(range(1, 5))]`, `#[rule(pattern = "^[A-Z]+$")]`, `#[rule(nested)]`
/// on a field say its bounds once, for the check and for the schema.
#[proc_macro_attribute]
pub fn dto(attribute: TokenStream, item: TokenStream) -> TokenStream {
    dto::expand(attribute.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

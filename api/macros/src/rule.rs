//! `#[rule(..)]`: bounds of a field, said once.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Lit, LitStr, Token, parenthesized};

/// One bound.
pub(crate) enum Bound {
    /// Length of a text, in characters.
    Len(Lit, Lit),
    /// Number of elements.
    Items(Lit, Lit),
    /// Smallest and largest number.
    Range(Lit, Lit),
    /// A regular expression, in the part of the language that Rust and ECMA-262 share.
    Pattern(LitStr),
    /// The value has rules of its own.
    Nested,
}

/// All bounds of one `#[rule(..)]`.
pub(crate) struct Rule(pub(crate) Vec<Bound>);

impl Parse for Rule {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let bounds = Punctuated::<Bound, Token![,]>::parse_terminated(input)?;
        Ok(Self(bounds.into_iter().collect()))
    }
}

impl Parse for Bound {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        match name.to_string().as_str() {
            "len" => pair(input).map(|(low, high)| Self::Len(low, high)),
            "items" => pair(input).map(|(low, high)| Self::Items(low, high)),
            "range" => pair(input).map(|(low, high)| Self::Range(low, high)),
            "pattern" => {
                input.parse::<Token![=]>()?;
                input.parse().map(Self::Pattern)
            }
            "nested" => Ok(Self::Nested),
            _ => Err(syn::Error::new(
                name.span(),
                "a rule is len(low, high), items(low, high), range(low, high), pattern = \"..\" or nested",
            )),
        }
    }
}

fn pair(input: ParseStream<'_>) -> syn::Result<(Lit, Lit)> {
    let content;
    parenthesized!(content in input);
    let low = content.parse()?;
    content.parse::<Token![,]>()?;
    Ok((low, content.parse()?))
}

impl Bound {
    /// What utoipa's `#[schema]` and `#[param]` say for it.
    pub(crate) fn schema(&self) -> TokenStream {
        match self {
            Self::Len(low, high) => quote!(min_length = #low, max_length = #high,),
            Self::Items(low, high) => quote!(min_items = #low, max_items = #high,),
            Self::Range(low, high) => quote!(minimum = #low, maximum = #high,),
            Self::Pattern(pattern) => quote!(pattern = #pattern,),
            Self::Nested => quote!(),
        }
    }

    /// What validator's `#[validate]` says for it; a pattern is checked by the static that `regex` names.
    pub(crate) fn validate(&self, regex: &Ident) -> TokenStream {
        match self {
            Self::Len(low, high) | Self::Items(low, high) => {
                quote!(length(min = #low, max = #high),)
            }
            Self::Range(low, high) => quote!(range(min = #low, max = #high),),
            Self::Pattern(_) => quote!(regex(path = *#regex),),
            Self::Nested => quote!(nested,),
        }
    }
}

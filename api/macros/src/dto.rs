//! `#[dto]`: a type of the wire.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Field, Fields, Ident, Item, ItemEnum, ItemStruct, Meta, Token, Type};

use crate::rule::{Bound, Rule};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Output,
    Input,
    Both,
    Query,
    Path,
    Code,
}

impl Kind {
    fn is_read(self) -> bool {
        matches!(self, Self::Input | Self::Both | Self::Query | Self::Path)
    }

    fn is_checked(self) -> bool {
        matches!(self, Self::Input | Self::Both | Self::Query)
    }

    /// Whether it is read from a body.
    fn is_in_bodies(self) -> bool {
        matches!(self, Self::Input | Self::Both)
    }

    fn is_parameters(self) -> bool {
        matches!(self, Self::Query | Self::Path)
    }
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let words = Punctuated::<Ident, Token![,]>::parse_terminated.parse2(attribute)?;
    let mut kind = Kind::Output;
    let mut paged = false;
    for word in &words {
        match word.to_string().as_str() {
            "input" => kind = Kind::Input,
            "both" => kind = Kind::Both,
            "query" => kind = Kind::Query,
            "path" => kind = Kind::Path,
            "code" => kind = Kind::Code,
            "paged" => paged = true,
            _ => {
                return Err(syn::Error::new(
                    word.span(),
                    "a dto is input, both, query, path, code, or query with paged",
                ));
            }
        }
    }
    match syn::parse2(item)? {
        Item::Struct(item) if kind != Kind::Code => structure(kind, paged, item),
        Item::Enum(item) if kind == Kind::Code => code(item),
        other => Err(syn::Error::new_spanned(
            other,
            "#[dto] goes on a struct, #[dto(code)] on an enum without data",
        )),
    }
}

fn code(mut item: ItemEnum) -> syn::Result<TokenStream> {
    let name = item.ident.clone();
    let mut values = String::new();
    let mut arms = TokenStream::new();
    for variant in &item.variants {
        if variant.fields != Fields::Unit {
            return Err(syn::Error::new_spanned(variant, "a code carries no data"));
        }
        let ident = &variant.ident;
        let text = snake(&ident.to_string());
        let meaning = documentation(&variant.attrs).join(" ");
        if meaning.is_empty() {
            return Err(syn::Error::new_spanned(variant, "say what this code means"));
        }
        values.push_str(&format!("\n- `{text}`: {meaning}"));
        arms.extend(quote!(Self::#ident => #text,));
    }
    item.attrs.push(syn::parse_quote!(#[doc = #values]));
    Ok(quote! {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #item

        impl #name {
            /// The code as it stands in JSON, in addresses and in the database.
            pub fn as_str(self) -> &'static str {
                match self { #arms }
            }
        }
    })
}

fn structure(kind: Kind, paged: bool, mut item: ItemStruct) -> syn::Result<TokenStream> {
    let name = item.ident.clone();
    let mut statics = TokenStream::new();
    let Fields::Named(fields) = &mut item.fields else {
        return Err(syn::Error::new_spanned(&item, "a dto has named members"));
    };
    if paged {
        fields.named.extend(page_fields()?);
    }
    for field in &mut fields.named {
        statics.extend(bounds(kind, &name, field)?);
    }
    let derives = match kind {
        Kind::Output => quote!(Debug, Clone, ::serde::Serialize, ::utoipa::ToSchema),
        Kind::Input => quote!(
            Debug,
            Clone,
            ::serde::Deserialize,
            ::utoipa::ToSchema,
            ::validator::Validate
        ),
        Kind::Both => {
            quote!(
                Debug,
                Clone,
                ::serde::Serialize,
                ::serde::Deserialize,
                ::utoipa::ToSchema,
                ::validator::Validate
            )
        }
        Kind::Query => {
            quote!(
                Debug,
                Clone,
                ::serde::Deserialize,
                ::utoipa::ToSchema,
                ::utoipa::IntoParams,
                ::validator::Validate
            )
        }
        Kind::Path | Kind::Code => quote!(
            Debug,
            Clone,
            ::serde::Deserialize,
            ::utoipa::ToSchema,
            ::utoipa::IntoParams
        ),
    };
    let mut attributes = quote!(#[serde(rename_all = "camelCase")]);
    if matches!(kind, Kind::Input | Kind::Both | Kind::Query) {
        attributes.extend(quote!(#[serde(deny_unknown_fields)]));
    }
    if kind.is_in_bodies() {
        attributes.extend(quote!(#[serde(remote = "Self", expecting = "an object")]));
    }
    match kind {
        Kind::Query => attributes.extend(quote!(#[into_params(parameter_in = Query)])),
        Kind::Path => attributes.extend(quote!(#[into_params(parameter_in = Path)])),
        _ => {}
    }
    let page = paged.then(|| {
        quote! {
            impl crate::http::PageRequest for #name {
                fn cursor(&self) -> Option<&str> { self.cursor.as_deref() }
                fn limit(&self) -> u16 { self.limit }
            }
        }
    });
    let object = kind.is_in_bodies().then(|| from_object(kind, &name));
    // What validator derives for a nested list calls the trait's method without naming the trait.
    let validate = kind.is_checked().then(|| {
        quote!(
            #[allow(unused_imports)]
            use ::validator::Validate as _;
        )
    });
    Ok(quote! {
        #[derive(#derives)]
        #attributes
        #item
        #statics
        #validate
        #object
        #page
    })
}

/// Has a type of a body read from an object alone: `remote` makes of what serde derives a function of the type's own, and the
/// trait asks it through `FromObject`.
fn from_object(kind: Kind, name: &Ident) -> TokenStream {
    let serialize = (kind == Kind::Both).then(|| {
        quote! {
            impl ::serde::Serialize for #name {
                fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    Self::serialize(self, serializer)
                }
            }
        }
    });
    quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize(crate::http::FromObject(deserializer))
            }
        }

        #serialize
    }
}

fn page_fields() -> syn::Result<Vec<Field>> {
    let cursor = Field::parse_named.parse2(quote! {
        /// Where to go on: the `nextCursor` of the page before, unchanged. It fits only the same question by the same caller.
        #[rule(len(1, 1024))]
        #[schema(example = "eyJ2IjoxfQ")]
        pub cursor: Option<String>
    })?;
    let limit = Field::parse_named.parse2(quote! {
        /// How many to give at most.
        #[rule(range(1, 200))]
        #[serde(default = "crate::http::default_limit")]
        #[schema(default = 50, example = 50)]
        pub limit: u16
    })?;
    Ok(vec![cursor, limit])
}

/// Replaces `#[rule(..)]` by what serde, utoipa and validator read.
fn bounds(kind: Kind, owner: &Ident, field: &mut Field) -> syn::Result<TokenStream> {
    let Some(ident) = field.ident.clone() else {
        return Ok(TokenStream::new());
    };
    let regex = format_ident!(
        "PATTERN_{}_{}",
        snake(&owner.to_string()).to_uppercase(),
        ident.to_string().trim_start_matches("r#").to_uppercase()
    );
    let mut statics = TokenStream::new();
    let mut schema = TokenStream::new();
    let mut validate = TokenStream::new();
    let mut kept = Vec::new();
    let mut serde = String::new();
    for attribute in field.attrs.drain(..) {
        if attribute.path().is_ident("rule") {
            for bound in attribute.parse_args::<Rule>()?.0 {
                schema.extend(bound.schema());
                validate.extend(bound.validate(&regex));
                if let (Bound::Pattern(pattern), true) = (&bound, kind.is_checked()) {
                    statics.extend(pattern_static(&regex, pattern));
                }
            }
            continue;
        }
        if attribute.path().is_ident("schema") {
            let tokens = attribute.meta.require_list()?.tokens.clone();
            schema.extend(quote!(#tokens,));
            continue;
        }
        if attribute.path().is_ident("serde") {
            let text = attribute.meta.require_list()?.tokens.to_string();
            if kind.is_read() && text.contains("rename") {
                return Err(syn::Error::new_spanned(
                    &attribute,
                    "a member that is read keeps its own name: pointers in problems are made from it",
                ));
            }
            serde.push_str(&text);
        }
        kept.push(attribute);
    }
    field.attrs = kept;
    if kind.is_read() && !serde.contains("deserialize_with") {
        field.attrs.extend(one_form(&field.ty, &serde));
    }
    match outer(&field.ty).as_deref() {
        Some("Patch") => {
            field.attrs.push(syn::parse_quote!(#[serde(default)]));
            if let Some(inner) = inner(&field.ty) {
                schema.extend(quote!(value_type = Option<#inner>, required = false,));
            }
        }
        // A boolean has two states: the third is that the member is not there.
        Some("Option") if !kind.is_parameters() && is_boolean(&field.ty) => {
            field
                .attrs
                .push(syn::parse_quote!(#[serde(deserialize_with = "crate::http::given")]));
            if !serde.contains("default") {
                field.attrs.push(syn::parse_quote!(#[serde(default)]));
            }
            if !serde.contains("skip_serializing_if") {
                field
                    .attrs
                    .push(syn::parse_quote!(#[serde(skip_serializing_if = "Option::is_none")]));
            }
            schema.extend(quote!(value_type = bool, required = false,));
        }
        Some("Option") if kind == Kind::Output && !serde.contains("skip_serializing_if") => {
            schema.extend(quote!(required = true,));
        }
        Some("Vec") if kind == Kind::Query && !serde.contains("default") => {
            field.attrs.push(syn::parse_quote!(#[serde(default)]));
        }
        _ => {}
    }
    if !schema.is_empty() {
        field.attrs.push(syn::parse_quote!(#[schema(#schema)]));
        if kind.is_parameters() {
            field.attrs.push(syn::parse_quote!(#[param(#schema)]));
        }
    }
    if kind.is_checked() && !validate.is_empty() {
        field.attrs.push(syn::parse_quote!(#[validate(#validate)]));
    }
    Ok(statics)
}

/// Days and moments are read in the one form that the description has for them.
fn one_form(ty: &Type, serde: &str) -> Vec<Attribute> {
    let of = |ty: &Type| matches!(outer(ty).as_deref(), Some("NaiveDate" | "DateTime"));
    let wrapped = inner(ty).is_some_and(|ty| of(&ty));
    let (reader, optional) = match outer(ty).as_deref() {
        Some("NaiveDate" | "DateTime") => ("crate::http::written::value", false),
        Some("Option") if wrapped => ("crate::http::written::option", !serde.contains("default")),
        // That it may be absent is said for every patch.
        Some("Patch") if wrapped => ("crate::http::written::patch", false),
        _ => return Vec::new(),
    };
    let mut attributes = vec![syn::parse_quote!(#[serde(deserialize_with = #reader)])];
    if optional {
        attributes.push(syn::parse_quote!(#[serde(default)]));
    }
    attributes
}

fn is_boolean(option: &Type) -> bool {
    inner(option).and_then(|ty| outer(&ty)).as_deref() == Some("bool")
}

fn pattern_static(name: &Ident, pattern: &syn::LitStr) -> TokenStream {
    quote! {
        #[expect(clippy::expect_used, reason = "a literal; the description's tests compile every pattern")]
        static #name: ::std::sync::LazyLock<::regex::Regex> =
            ::std::sync::LazyLock::new(|| ::regex::Regex::new(#pattern).expect("a valid pattern"));
    }
}

/// The lines of a documentation comment.
pub(crate) fn documentation(attributes: &[Attribute]) -> Vec<String> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) => match &pair.value {
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        })
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect()
}

fn outer(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

fn inner(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
    else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

/// `HeadOfService` as `head_of_service`, as serde writes it.
pub(crate) fn snake(camel: &str) -> String {
    let mut text = String::new();
    for (at, c) in camel.char_indices() {
        if c.is_uppercase() && at > 0 {
            text.push('_');
        }
        text.extend(c.to_lowercase());
    }
    text
}

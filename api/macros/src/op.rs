//! `#[op]`: a handler that describes itself.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{FnArg, Ident, ItemFn, LitInt, LitStr, ReturnType, Token, Type, parenthesized};

use crate::dto::documentation;

struct Attribute {
    method: Ident,
    path: LitStr,
    tag: LitStr,
    id: Option<LitStr>,
    status: Option<LitStr>,
    public: bool,
    also: Vec<LitInt>,
    example: Option<TokenStream>,
}

impl Parse for Attribute {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let method: Ident = input.parse()?;
        if !matches!(
            method.to_string().as_str(),
            "get" | "post" | "put" | "patch" | "delete"
        ) {
            return Err(syn::Error::new(
                method.span(),
                "a method is get, post, put, patch or delete",
            ));
        }
        let path: LitStr = input.parse()?;
        let (mut tag, mut id, mut status, mut public, mut also) =
            (None, None, None, false, Vec::new());
        let mut example = None;
        while input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let word: Ident = input.parse()?;
            match word.to_string().as_str() {
                "tag" => tag = Some(value(input)?),
                "id" => id = Some(value(input)?),
                "status" => status = Some(value(input)?),
                "public" => public = true,
                "also" => {
                    let content;
                    parenthesized!(content in input);
                    also = content
                        .parse_terminated(LitInt::parse, Token![,])?
                        .into_iter()
                        .collect();
                }
                "example" => {
                    let content;
                    parenthesized!(content in input);
                    example = Some(content.parse()?);
                }
                _ => {
                    return Err(syn::Error::new(
                        word.span(),
                        "expected tag, id, status, public, also(..) or example(..)",
                    ));
                }
            }
        }
        let tag = tag.ok_or_else(|| syn::Error::new(path.span(), "say the operation's tag"))?;
        Ok(Self {
            method,
            path,
            tag,
            id,
            status,
            public,
            also,
            example,
        })
    }
}

fn value(input: ParseStream<'_>) -> syn::Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let attribute: Attribute = syn::parse2(attribute)?;
    let mut function: ItemFn = syn::parse2(item)?;
    let name = function.sig.ident.clone();
    let (summary, description) = text(&function)?;
    let id = attribute
        .id
        .as_ref()
        .map_or_else(|| camel(&name.to_string()), LitStr::value);
    let returned = match &function.sig.output {
        ReturnType::Type(_, ty) => ty.clone(),
        ReturnType::Default => {
            return Err(syn::Error::new_spanned(
                &function.sig,
                "say what is answered, as Reply<..>",
            ));
        }
    };
    let taken = arguments(&function)?;
    authorised(&attribute, &name, &taken)?;
    let queries = taken.iter().any(|ty| ends_with(ty, "Query"));
    let entry: FnArg = syn::parse_quote!(_: crate::http::Entry<#returned, #queries>);
    // Behind the authorisation: a stranger learns that he is one, and nothing else.
    let place = usize::from(!attribute.public);
    function.sig.inputs.insert(place, entry);

    let Attribute {
        method,
        path,
        tag,
        status,
        also,
        example,
        ..
    } = &attribute;
    let example = example
        .iter()
        .map(|example| quote!(sketch.body_example(::serde_json::json!(#example));));
    let variant = format_ident!("{}", capital(&method.to_string()));
    let status = status
        .as_ref()
        .map_or_else(|| "beta".to_owned(), LitStr::value);
    Ok(quote! {
        #[::actix_web::#method(#path)]
        #function

        impl ::utoipa_actix_web::OpenApiFactory for #name {
            fn paths(&self) -> ::utoipa::openapi::path::Paths {
                self.sketch().into_paths(#path, ::utoipa::openapi::path::HttpMethod::#variant)
            }

            fn schemas(
                &self,
                schemas: &mut Vec<(String, ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema>)>,
            ) {
                schemas.extend(self.sketch().into_schemas());
            }
        }

        impl #name {
            fn sketch(&self) -> crate::openapi::Sketch {
                let mut sketch = crate::openapi::Sketch::new(#id, #tag, #summary, #description, #status);
                #(<#taken as crate::openapi::Takes>::describe(&mut sketch);)*
                <#returned as crate::openapi::Answers>::describe(&mut sketch);
                sketch.problems(&[#(#also),*]);
                #(#example)*
                sketch
            }
        }
    })
}

/// Summary and description from the documentation comment.
fn text(function: &ItemFn) -> syn::Result<(String, String)> {
    let lines = documentation(&function.attrs);
    let mut lines = lines.iter();
    let summary = lines
        .next()
        .map(|line| line.trim_end_matches('.').to_owned())
        .unwrap_or_default();
    let description = lines
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned();
    if summary.is_empty() || description.chars().count() < 40 {
        return Err(syn::Error::new_spanned(
            &function.sig.ident,
            "an operation has a summary line, an empty line and a description that says more",
        ));
    }
    Ok((summary, description))
}

fn arguments(function: &ItemFn) -> syn::Result<Vec<Type>> {
    function
        .sig
        .inputs
        .iter()
        .map(|argument| match argument {
            FnArg::Typed(typed) => Ok((*typed.ty).clone()),
            FnArg::Receiver(receiver) => Err(syn::Error::new_spanned(
                receiver,
                "a handler is a free function",
            )),
        })
        .collect()
}

fn authorised(attribute: &Attribute, name: &Ident, taken: &[Type]) -> syn::Result<()> {
    let council = taken.first().is_some_and(|ty| ends_with(ty, "Authz"));
    let caller = taken.first().is_some_and(|ty| ends_with(ty, "Caller"));
    let anywhere = taken
        .iter()
        .any(|ty| ends_with(ty, "Authz") || ends_with(ty, "Caller"));
    let in_council = attribute.path.value().contains("{council}");
    match (attribute.public, council, caller) {
        (true, _, _) if anywhere => Err(syn::Error::new(
            name.span(),
            "a public operation asks nobody who they are",
        )),
        (true, _, _) => Ok(()),
        (false, true, _) if in_council => Ok(()),
        (false, true, _) => Err(syn::Error::new(
            name.span(),
            "Authz<..> is for paths with {council}: take Caller<..>",
        )),
        (false, false, true) if !in_council => Ok(()),
        (false, false, true) => Err(syn::Error::new(
            name.span(),
            "a path with {council} takes Authz<..>",
        )),
        (false, false, false) => Err(syn::Error::new(
            name.span(),
            "a handler's first argument is Authz<..> or Caller<..>, or the operation is public",
        )),
    }
}

fn ends_with(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == name))
}

fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &capital(word))
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + chars.as_str())
        .unwrap_or_default()
}

//! The same fonts on every machine, for pictures that are compared.

use std::path::PathBuf;

use crate::{Page, Pages};

/// The packages, each with its family.
const FONTS: [(&str, &str); 3] = [
    ("noto-sans", "Noto Sans Variable"),
    ("noto-sans-arabic", "Noto Sans Arabic Variable"),
    ("noto-sans-jp", "Noto Sans JP Variable"),
];

impl Pages {
    /// Serves the fonts, and answers with the addresses of their style sheets.
    pub fn add_fonts(&self) -> Vec<String> {
        let root =
            std::env::var_os("FONTS").expect("FONTS names the fonts' folder; `cargo xtask test` installs it");
        let mut sheets = Vec::new();
        for (package, _) in FONTS {
            let folder = PathBuf::from(&root).join(package);
            let sheet = std::fs::read_to_string(folder.join("index.css")).unwrap();
            let name = format!("{package}.css");
            sheets.push(self.add(&name, sheet.replace("./files/", "")));
            for file in std::fs::read_dir(folder.join("files")).unwrap() {
                let file = file.unwrap();
                let name = file.file_name().into_string().unwrap();
                self.add_file(&name, std::fs::read(file.path()).unwrap());
                self.header(&name, "access-control-allow-origin", "*");
            }
        }
        sheets
    }
}

impl Page<'_> {
    /// Shows the widget in these fonts, and waits until they are drawn.
    pub async fn use_fonts(&self, sheets: &[String]) {
        let families = FONTS.map(|(_, family)| format!("'{family}'")).join(", ");
        let script = format!(
            "const done = arguments[0];
             Promise.all({sheets:?}.map((href) => new Promise((loaded, failed) => document.head.append(
               Object.assign(document.createElement('link'), {{ rel: 'stylesheet', href, onload: loaded, onerror: failed }}),
             )))).then(() => {{
               document.documentElement.style.setProperty('--banq-font-family', \"{families}\");
               document.body.offsetHeight;
               return document.fonts.ready;
             }}).then(() => done([...document.fonts].some((font) => font.status === 'loaded')), () => done(false));"
        );
        let loaded = self.driver.execute_async(script, vec![]).await.unwrap().json().clone();
        assert_eq!(loaded, true, "the fonts are loaded");
    }
}

locals {
  keys = [
    "plain", "a.b", "a/b", "a:b", "a b", "a@b", "*", "a-b", "0", "007", "", "-1",
    "quote\"inside", "back\\slash", "trailing\\", "bracket]", "[0]", "x[\"y\"]", "a\"].b[\"c", "new\nline", "tab\there", "cr\rhere",
    "$${literal}", "%%{literal}", "$", "%", "$$", "$$$${x", "a$${", "$$%%{b}", "%%%{", "$ {", "\\$${x}", "\\n", "\\u0041",
    "\u0000nul", "\u0007bell", "\u001besc", "\u007fdel", "\u0085nel", "\u00a0nbsp", "\u200bzwsp", "\u2028ls", "\u2060wj", "\ufeffbom", "\ue000private", "\U000e0001tag",
    "ünïcödé", "日本語", "🚀", "module.x", "data.y", "'single'", "`tick`", "<html>&", "#c", "//c", "{}",
  ]
}
resource "terraform_data" "odd" {
  for_each = toset(local.keys)
}
resource "terraform_data" "counted" {
  count = 2
}
module "keyed" {
  source   = "./child"
  for_each = toset(["a.b", "x[\"y\"]", "$${k}", "new\nline"])
}
module "counted" {
  source = "./child"
  count  = 1
}

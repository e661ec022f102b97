"""Checks C# as far as that goes without a .NET SDK: python csharp.py SCHEMA SDK PROGRAM...

Every file of the SDK and every program must parse. The SDK's enums, resources, functions and types must have the names,
members and types that the schema asks for. What the programs take from the SDK must be there. Prints each problem on a line.
"""

import json
import pathlib
import re
import sys
import xml.dom.minidom
from typing import Any, Iterator

import tree_sitter
import tree_sitter_c_sharp

LANGUAGE = tree_sitter.Language(tree_sitter_c_sharp.language())
ROOT = "Pulumiverse.AlicloudKms"
problems: list[str] = []


def walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def text(node: tree_sitter.Node | None) -> str:
    return node.text.decode() if node is not None and node.text else ""


def parse(file: pathlib.Path) -> tree_sitter.Node:
    tree = tree_sitter.Parser(LANGUAGE).parse(file.read_bytes())
    for node in walk(tree.root_node):
        if node.is_error or node.is_missing:
            problems.append(f"{file}:{node.start_point[0] + 1}: this is no C#: {text(node)[:60]!r}")
    return tree.root_node


def named(node: tree_sitter.Node, kind: str) -> list[tree_sitter.Node]:
    return [n for n in walk(node) if n.type == kind]


def declarations(folder: pathlib.Path) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """The SDK's classes with their properties and methods, and its enums with their values. Names are relative to ROOT."""
    classes: dict[str, dict[str, str]] = {}
    enums: dict[str, dict[str, str]] = {}
    for file in sorted(folder.rglob("*.cs")):
        if {"bin", "obj"} & set(file.parts):
            continue
        for space in named(parse(file), "namespace_declaration"):
            prefix = text(space.child_by_field_name("name")).removeprefix(ROOT).lstrip(".")
            for kind in "class_declaration", "struct_declaration":
                for declared in named(space, kind):
                    name = ".".join(filter(None, [prefix, text(declared.child_by_field_name("name"))]))
                    members = classes.setdefault(name, {})
                    for member in named(declared, "property_declaration"):
                        members[text(member.child_by_field_name("name"))] = text(member.child_by_field_name("type"))
                        value = member.child_by_field_name("value")
                        if kind == "struct_declaration" and value is not None and (literals := named(value, "string_literal_content")):
                            enums.setdefault(name, {})[text(member.child_by_field_name("name"))] = text(literals[0])
                    for member in named(declared, "method_declaration"):
                        members.setdefault(text(member.child_by_field_name("name")), "()")
                    # Outputs are plain fields.
                    for field in named(declared, "field_declaration"):
                        declaration = named(field, "variable_declaration")[0]
                        for variable in named(declaration, "variable_declarator"):
                            members.setdefault(text(variable.child_by_field_name("name")), text(declaration.child_by_field_name("type")))
    return classes, enums


def pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def short(token: str) -> str:
    return token.rsplit(":", 1)[-1].removeprefix("#/types/")


PRIMITIVES = {"string": "string", "integer": "int", "boolean": "bool", "number": "double"}


def want_type(schema: dict[str, Any], spec: dict[str, Any]) -> str:
    """A regular expression for the C# type of a property, in whatever wrapper of inputs and outputs."""
    if "$ref" in spec:
        target = schema["types"].get(spec["$ref"].removeprefix("#/types/"), {})
        name = short(spec["$ref"])
        return rf"\b{name}\b" if "enum" in target else rf"\b{name}(Args|Result)?\b"
    if spec["type"] == "array":
        return rf"(List|Array)<.*{want_type(schema, spec['items'])}"
    if spec["type"] == "object":
        return rf"(Map|Dictionary)<.*{want_type(schema, spec['additionalProperties'])}"
    return rf"\b{PRIMITIVES[spec['type']]}\b"


def compare(schema: dict[str, Any], classes: dict[str, dict[str, str]], enums: dict[str, dict[str, str]]) -> None:
    def members(name: str, properties: dict[str, Any]) -> None:
        if name not in classes:
            problems.append(f"the SDK has no class {name}")
            return
        for key, spec in properties.items():
            got = classes[name].get(pascal(key))
            if got is None:
                problems.append(f"{name} has no {pascal(key)}")
            elif not re.search(want_type(schema, spec), got):
                problems.append(f"{name}.{pascal(key)} is a {got}, and the schema wants {want_type(schema, spec)}")

    for token, spec in schema["types"].items():
        if "enum" in spec:
            want = {e["name"]: e["value"] for e in spec["enum"]}
            if enums.get(short(token)) != want:
                problems.append(f"the enum {short(token)} has {enums.get(short(token))}, and the schema wants {want}")
        elif any(f"{where}.{short(token)}{end}" in classes for where in ("Inputs", "Outputs") for end in ("", "Args", "Result")):
            for name in (f"Inputs.{short(token)}Args", f"Outputs.{short(token)}", f"Outputs.{short(token)}Result"):
                if name in classes:
                    members(name, spec["properties"])
        else:
            problems.append(f"the SDK has no type {short(token)}")
    for token, spec in schema["resources"].items():
        members(short(token), spec["properties"])
        members(short(token) + "Args", spec["inputProperties"])
    members("Provider", {})
    members("ProviderArgs", schema["provider"]["inputProperties"])
    for token, spec in schema["functions"].items():
        name = pascal(short(token))
        if inputs := spec.get("inputs", {}).get("properties"):
            members(name + "Args", inputs)
        members(name + "Result", spec["outputs"]["properties"])
        if "Invoke" not in classes.get(name, {}):
            problems.append(f"{name} has no Invoke")


def check_program(file: pathlib.Path, classes: dict[str, dict[str, str]]) -> int:
    """What a program takes from the SDK, under its alias for it. Returns how many names that were."""
    root = parse(file)
    names = 0
    aliases = [text(n).removeprefix("using ").split(" ")[0] for n in named(root, "using_directive") if text(n).endswith(f" = {ROOT};")]
    if len(aliases) != 1:
        problems.append(f"{file} has the aliases {aliases} for {ROOT}, want one")
        return 0
    alias = aliases[0] + "."
    for node in named(root, "member_access_expression"):
        path = text(node)
        if path.startswith(alias) and re.fullmatch(r"\w+(\.\w+)+", path):
            names += 1
            owner, _, member = path.removeprefix(alias).rpartition(".")
            if path.removeprefix(alias) not in classes and member not in classes.get(owner, {}):
                problems.append(f"{file}:{node.start_point[0] + 1}: the SDK has no {path}")
    for node in named(root, "object_creation_expression"):
        kind = text(node.child_by_field_name("type")).removeprefix(alias)
        if kind == text(node.child_by_field_name("type")):
            continue
        names += 1
        if kind not in classes:
            problems.append(f"{file}:{node.start_point[0] + 1}: the SDK has no {kind}")
        initializers = [n for n in node.named_children if n.type == "initializer_expression"]
        if not initializers:  # new Alias.X("name", new() { ... })
            implicit = named(node, "implicit_object_creation_expression")[0]
            initializers, kind = [n for n in implicit.named_children if n.type == "initializer_expression"], kind + "Args"
        for assignment in initializers[0].named_children:
            if assignment.type == "assignment_expression":
                names += 1
                member = text(assignment.child_by_field_name("left"))
                if member not in classes.get(kind, {}):
                    problems.append(f"{file}:{assignment.start_point[0] + 1}: {kind} has no {member}")
    for node in named(root, "member_access_expression"):
        if text(node.child_by_field_name("expression")) == "instance":
            names += 1
            if text(node.child_by_field_name("name")) not in classes["KmsInstance"]:
                problems.append(f"{file}:{node.start_point[0] + 1}: KmsInstance has no {text(node.child_by_field_name('name'))}")
    return names


def main() -> None:
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    sdk = pathlib.Path(sys.argv[2])
    classes, enums = declarations(sdk)
    compare(schema, classes, enums)
    names = 0
    for program in map(pathlib.Path, sys.argv[3:]):
        names += check_program(program, classes)
        for project in program.parent.glob("*.csproj"):
            for reference in xml.dom.minidom.parse(str(project)).getElementsByTagName("ProjectReference"):
                if not (program.parent / reference.getAttribute("Include")).resolve().is_file():
                    problems.append(f"{project} refers to {reference.getAttribute('Include')}, which is not there")
    for project in sdk.glob("*.csproj"):
        xml.dom.minidom.parse(str(project))
    print(*problems, sep="\n")
    print(f"{len(classes)} classes, {len(enums)} enums, {names} names in programs")
    sys.exit(1 if problems else 0)


main()

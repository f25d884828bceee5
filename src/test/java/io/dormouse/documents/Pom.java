package io.dormouse.documents;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.helpers.DefaultHandler;

/** What pages may name of the build: versions, profiles, properties, plugins. */
final class Pom {
  private static final Pattern USED = Pattern.compile("\\$\\{([\\w.-]+)}");

  private final String text;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, Set<String>> versions = new HashMap<>(); // by group
  private final Set<String> profiles = new TreeSet<>();
  private final Set<String> pluginPrefixes = new TreeSet<>();
  private final Set<String> propertyNames = new TreeSet<>();

  private Pom(String text) {
    this.text = text;
  }

  /** The project's own, and the versions of those of its consumers. */
  static Pom ofTheProject() {
    Path file = Path.of("pom.xml");
    Pom pom = new Pom(Page.text(file));
    Document document = parse(pom.text).orElseThrow();
    pom.add(document);
    Element project = document.getDocumentElement();
    pom.version(child(project, "groupId").orElseThrow(), child(project, "version").orElseThrow());
    for (Path consumer : Sources.files(Path.of("src/it"), "pom.xml")) {
      pom.versions(parse(Page.text(consumer)).orElseThrow());
    }
    return pom;
  }

  private void add(Document document) {
    for (Element list : elements(document, "properties")) {
      for (Element property : children(list)) {
        properties.put(property.getTagName(), property.getTextContent().strip());
      }
    }
    propertyNames.addAll(properties.keySet());
    Matcher used = USED.matcher(text);
    while (used.find()) {
      propertyNames.add(used.group(1));
    }
    for (Element activation : elements(document, "activation")) {
      for (Element property : children(activation)) {
        child(property, "name").ifPresent(name -> propertyNames.add(name.replace("!", "")));
      }
    }
    for (Element profile : elements(document, "profile")) {
      child(profile, "id").ifPresent(profiles::add);
    }
    for (Element plugin : elements(document, "plugin")) {
      child(plugin, "artifactId")
          .ifPresent(
              name -> pluginPrefixes.add(name.replaceAll("^maven-|-?maven-plugin$|-plugin$", "")));
    }
    versions(document);
  }

  private void versions(Document document) {
    for (Element dependency : elements(document, "dependency")) {
      Optional<String> version = child(dependency, "version").map(this::resolved);
      version.ifPresent(known -> version(child(dependency, "groupId").orElseThrow(), known));
    }
  }

  private void version(String group, String version) {
    versions.computeIfAbsent(group, key -> new HashSet<>()).add(version);
  }

  private String resolved(String value) {
    Matcher used = USED.matcher(value);
    return used.matches() ? properties.getOrDefault(used.group(1), value) : value;
  }

  boolean hasProfile(String id) {
    return profiles.contains(id);
  }

  boolean hasProperty(String name) {
    return propertyNames.contains(name);
  }

  boolean hasPlugin(String prefix) {
    return pluginPrefixes.contains(prefix);
  }

  /** What is wrong with a piece of XML: its form, or a dependency that it names. */
  Optional<String> problemOfXml(String xml) {
    Optional<Document> document = parse("<all>" + xml + "</all>");
    if (document.isEmpty()) {
      return Optional.of("XML that can't be parsed");
    }
    for (Element dependency : elements(document.get(), "dependency")) {
      List<String> parts =
          List.of("groupId", "artifactId", "version").stream()
              .map(name -> child(dependency, name).orElse(""))
              .toList();
      Optional<String> problem = problemOfCoordinates(String.join(":", parts));
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  /** Each artifact of a group that the build knows has the version that the build has. */
  Optional<String> problemOfCoordinates(String coordinates) {
    String[] parts = coordinates.split(":", -1);
    Set<String> known = versions.getOrDefault(parts[0], Set.of());
    return known.contains(parts[2])
        ? Optional.empty()
        : Optional.of(coordinates + " isn't of one of the versions that the build has: " + known);
  }

  private static Optional<Document> parse(String xml) {
    try {
      DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(new DefaultHandler()); // says nothing, and throws
      return Optional.of(builder.parse(new InputSource(new StringReader(xml))));
    } catch (Exception e) {
      return Optional.empty();
    }
  }

  private static List<Element> elements(Document document, String name) {
    return ofList(document.getElementsByTagName(name));
  }

  private static List<Element> children(Element parent) {
    return ofList(parent.getChildNodes());
  }

  private static List<Element> ofList(NodeList nodes) {
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Node node = nodes.item(i);
      if (node instanceof Element element) {
        elements.add(element);
      }
    }
    return elements;
  }

  private static Optional<String> child(Element parent, String name) {
    return children(parent).stream()
        .filter(element -> element.getTagName().equals(name))
        .map(element -> element.getTextContent().strip())
        .findFirst();
  }
}

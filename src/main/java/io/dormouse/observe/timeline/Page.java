package io.dormouse.observe.timeline;

import java.util.StringJoiner;

/** What a timeline is drawn on. */
enum Page {
  LIGHT("#ffffff", "#1b1f24", "#57606a", "#d0d7de", "#e6e9ee", "#f6f8fa", "#0a4fa3"),
  DARK("#12161c", "#e6e9ee", "#a5adb8", "#38414d", "#242b35", "#1a2029", "#8cc4ff");

  /** Its background, and what the labels on bars are written in. */
  final String background;

  /** Of text, and of text that says less. */
  final String ink;

  final String pale;

  /** Of lines between other things. */
  final String rule;

  /** Behind a time at which the app was in the background. */
  final String away;

  /** Behind controls. */
  final String panel;

  /** Around what has the keyboard's focus. */
  final String focus;

  Page(
      String background,
      String ink,
      String pale,
      String rule,
      String away,
      String panel,
      String focus) {
    this.background = background;
    this.ink = ink;
    this.pale = pale;
    this.rule = rule;
    this.away = away;
    this.panel = panel;
    this.focus = focus;
  }

  /** Returns all of its colours, and those of states on it, as properties of CSS. */
  String properties() {
    StringJoiner properties = new StringJoiner("; ", "", ";");
    properties.add("--bg: " + background);
    properties.add("--ink: " + ink);
    properties.add("--pale: " + pale);
    properties.add("--rule: " + rule);
    properties.add("--away: " + away);
    properties.add("--panel: " + panel);
    properties.add("--focus: " + focus);
    for (Shade shade : Shade.values()) {
      properties.add("--" + shade + ": " + shade.on(this));
    }
    return properties.toString();
  }

  /** Returns the rules of a picture, which not everything that shows one knows properties for. */
  String rules() {
    StringBuilder rules = new StringBuilder();
    rules.append("text { fill: ").append(ink).append("; }\n");
    rules.append("text.pale { fill: ").append(pale).append("; }\n");
    rules.append("text.on, .page { fill: ").append(background).append("; }\n");
    rules.append(".away { fill: ").append(away).append("; }\n");
    rules.append(".rule { stroke: ").append(rule).append("; }\n");
    for (Shade shade : Shade.values()) {
      rules.append(".st-").append(shade).append(" { fill: ").append(shade.on(this)).append("; }\n");
    }
    return rules.toString();
  }
}

package io.dormouse.lifecycle;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** A lifecycle whose phase is a function of its members' phases. */
final class CombinedLifecycle extends LifecycleSource {
  private final List<AppLifecycle> members;
  private final Function<Collection<Phase>, Phase> rule;

  CombinedLifecycle(Function<Collection<Phase>, Phase> rule, List<AppLifecycle> members) {
    super(Phase.UNKNOWN);
    this.rule = rule;
    this.members = members;
    LifecycleListener listener = new AnyChange(this::evaluate);
    for (AppLifecycle member : members) {
      member.addListener(listener);
    }
    evaluate();
  }

  // The members are read inside update(), so that the last of several racing changes sees them all.
  private void evaluate() {
    update(
        previous -> {
          List<Phase> phases = new ArrayList<>(members.size());
          for (AppLifecycle member : members) {
            phases.add(Phase.of(member));
          }
          return rule.apply(phases);
        });
  }
}

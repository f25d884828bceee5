package io.dormouse.lifecycle;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** A lifecycle whose phase is a function of its members' phases. */
final class CombinedLifecycle extends DerivedLifecycle {
  private final List<OwnLifecycle> members;
  private final Function<Collection<Phase>, Phase> rule;
  private final LifecycleListener hooks = new AnyChange(this::evaluate);

  CombinedLifecycle(Function<Collection<Phase>, Phase> rule, List<OwnLifecycle> members) {
    super(members);
    this.rule = rule;
    this.members = members;
  }

  @Override
  LifecycleListener hooks() {
    return hooks;
  }

  @Override
  Phase phaseOfMembers() {
    List<Phase> phases = new ArrayList<>(members.size());
    for (OwnLifecycle member : members) {
      phases.add(member.phase());
    }
    return rule.apply(phases);
  }
}

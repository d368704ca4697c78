import type { Server, SystemConfig } from '../../../functions/contract/config.ts';
import { faultOf, type WorldFault } from '../faults.ts';
import type { UnitOptions } from './unit-options.ts';

interface Around {
  config: Pick<SystemConfig, 'services'>;
  faults: readonly WorldFault[];
  /** Told of a fault of the world when it strikes. */
  onFault(name: WorldFault['world']): void;
  /** Called when a service has come up with its server. */
  onBoot(service: string): void;
}

/** What a server runs: its services, as far as the world has not changed them. */
export function unitsOf(server: Server, { config, faults, onFault, onBoot }: Around): UnitOptions[] {
  const unknown = faultOf(faults, 'service-unknown');
  const needed = faultOf(faults, 'service-has-dependents');
  const [toStop, toStart] = [firstToStop(config), firstToStart(config)];
  const means = (
    fault: { service?: string | undefined } | undefined,
    first: string | undefined,
    name: string,
  ) => fault !== undefined && (fault.service ?? first) === name;
  const flapping = faultOf(faults, 'service-flaps');
  return config.services
    .filter((service) => service.server === server.name)
    .flatMap(({ name }): UnitOptions[] => {
      const unit: UnitOptions = {
        name,
        hangs: means(faultOf(faults, 'service-hangs'), toStop, name),
        onHang: () => onFault('service-hangs'),
        isDisabled: means(faultOf(faults, 'service-not-enabled'), toStart, name),
        isBroken: means(faultOf(faults, 'service-will-not-start'), toStart, name),
        falls: means(flapping, toStart, name) ? (flapping?.times ?? 0) : 0,
        onFault,
        onBoot: () => onBoot(name),
      };
      if (means(unknown, toStop, name)) {
        onFault('service-unknown');
        return unknown?.known === undefined ? [] : [{ ...unit, name: unknown.known }];
      }
      if (needed !== undefined && means(needed, toStop, name)) {
        onFault('service-has-dependents');
        return [
          { ...unit, requiredBy: [`${needed.by}.service`] },
          { name: needed.by, hangs: false },
        ];
      }
      return [unit];
    });
}

/** Name of the first service to be stopped. */
export function firstToStop({ services }: Pick<SystemConfig, 'services'>): string | undefined {
  return [...services].sort((a, b) => a.tier - b.tier)[0]?.name;
}

/** Name of the first service to be started. */
export function firstToStart({ services }: Pick<SystemConfig, 'services'>): string | undefined {
  return [...services].sort((a, b) => b.tier - a.tier)[0]?.name;
}
